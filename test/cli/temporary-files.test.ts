import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sweepTemporaryFiles, temporaryPath } from "../../src/cli/process/temporary-files.ts";
import { bundleCli } from "./bundle.ts";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

/** A process id that no system assigns. */
const NOBODY = "4194305";
const MINUTES_AGO = new Date(Date.now() - 300_000);

/** Makes a temporary file for out.midx in `folder`, last written to minutes ago, with a changed name. */
function leave(folder: string, change: (name: string) => string, time = MINUTES_AGO): string {
  const path = join(folder, change(basename(temporaryPath(join(folder, "out.midx")))));
  writeFileSync(path, "12345");
  utimesSync(path, time, time);
  return basename(path);
}

const ofNobody = (name: string): string => name.replace(`-${process.pid}-`, `-${NOBODY}-`);

describe("sweepTemporaryFiles", () => {
  test("removes a file of a process that is gone, and one whose process id another process has by now", async () => {
    const folder = makeFolder();
    const gone = leave(folder, ofNobody);
    const reused = leave(folder, (name) => name.replace(/-\d+-([0-9a-f]+\.tmp)$/, "-1-$1"));
    const { removed, bytes } = await sweepTemporaryFiles(folder);
    const expected = process.platform === "linux" ? [gone, reused] : [gone];
    expect(removed.toSorted()).toEqual(expected.toSorted());
    expect(bytes).toBe(5 * expected.length);
  });

  test("leaves files of running processes, of other hosts and of other programs, new files, links and folders", async () => {
    const folder = makeFolder();
    leave(folder, (name) => name);
    leave(folder, (name) => ofNobody(name).replace(/midx-[0-9a-f]{12}/, "midx-0123456789ab"));
    leave(folder, (name) => ofNobody(name).replace("midx-", "other-"));
    leave(folder, (name) => `${ofNobody(name)}.part`);
    leave(folder, ofNobody, new Date());
    writeFileSync(join(folder, "out.midx"), "old");
    symlinkSync(join(folder, "out.midx"), join(folder, ofNobody(basename(temporaryPath("link")))));
    const before = readdirSync(folder);
    expect(await sweepTemporaryFiles(folder, Date.now() + 1000)).toEqual({ removed: [], bytes: 0 });
    expect(readdirSync(folder)).toEqual(before);
    expect(await sweepTemporaryFiles(join(folder, "missing"))).toEqual({ removed: [], bytes: 0 });
  });
});

describe("a command", () => {
  let bundle: Awaited<ReturnType<typeof bundleCli>>;
  beforeAll(async () => {
    bundle = await bundleCli();
  });
  afterAll(() => bundle.remove());

  const temporaries = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith(".tmp"));

  test.each([
    ["compact --log LOG --folder PUBLIC", ["log", "log/keys", "log/metadata"]],
    ["prune --folder PUBLIC", ["public", "public/versions", "public/parts"]],
  ])("removes what a killed command left in the folders that it writes to: %s", async (command, folders) => {
    const folder = makeFolder();
    const index = join(folder, "index.midx");
    await midx(["build", writeTable(50, 4), "-o", index, "--calibrate", "off"]);
    await midx(["publish", index, "--folder", join(folder, "public")]);
    for (const name of folders) {
      mkdirSync(join(folder, name), { recursive: true });
      leave(join(folder, name), ofNobody);
    }
    const places: Record<string, string> = { LOG: join(folder, "log"), PUBLIC: join(folder, "public") };
    const { code, stderr } = await midx(command.split(" ").map((word) => places[word] ?? word));
    expect([code, stderr.match(/removed a temporary file \(5 bytes\) of a killed command/g)?.length]).toEqual([0, 3]);
    for (const name of folders) expect(temporaries(join(folder, name))).toEqual([]);
  });

  test("removes what a killed build left beside its output, and says so", async () => {
    const folder = makeFolder();
    const argv = ["build", writeTable(50_000, 8), "-o", join(folder, "out.midx"), "--max-memory", "900"];
    const child = spawn(process.execPath, [bundle.cli, ...argv], { stdio: "ignore" });
    const closed = once(child, "close");
    while (temporaries(folder).length === 0 && child.exitCode === null) await sleep(5);
    child.kill("SIGKILL");
    await closed;
    const [left = ""] = temporaries(folder);
    expect(temporaries(folder)).toHaveLength(1);

    const next = ["build", writeTable(50, 4), "-o", join(folder, "next.midx")];
    expect(await midx(next)).toMatchObject({ code: 0, stderr: "" });
    expect(temporaries(folder)).toEqual([left]);

    utimesSync(join(folder, left), MINUTES_AGO, MINUTES_AGO);
    const { code, stderr } = await midx(next);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^removed a temporary file \(\d+ bytes\) of a killed command in .*\n$/);
    expect(readdirSync(folder)).toEqual(["next.midx"]);
  });
});
