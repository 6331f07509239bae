import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EVERY } from "../run/size.ts";
import { bundleCli } from "./bundle.ts";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

test.each(["stdout", "stderr"] as const)(
  "a build whose %s is closed like that of head builds the file",
  async (which) => {
    const output = join(makeFolder(), "x.midx");
    const rows = writeTable(EVERY ? 20_000 : 1500, 16);
    const argv = ["build", rows, "--calibrate", "off", "--json", "-o", output];
    const child = spawn(process.execPath, [cli.cli, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    if (which === "stdout") await once(child.stdout, "data");
    (child[which] as Readable).destroy();
    child[which === "stdout" ? "stderr" : "stdout"].resume();
    expect(await once(child, "exit")).toEqual([0, null]);
    expect((await midx(["verify", output])).stderr).toBe("");
  },
);

test.runIf(existsSync("/dev/full"))("a build whose output has no space left leaves no temporary file", async () => {
  const output = join(makeFolder(), "x.midx");
  const full = openSync("/dev/full", "w");
  // On the disk the file is written while the build runs.
  const argv = ["build", writeTable(EVERY ? 60_000 : 20_000, 32), "--max-memory", "256", "--json", "-o", output];
  const child = spawn(process.execPath, [cli.cli, ...argv], { stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  child.stderr?.resume();
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(readdirSync(dirname(output))).toEqual([]);
});
