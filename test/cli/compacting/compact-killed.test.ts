import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { cliBundle } from "../../../scripts/bundle/cli-bundle.ts";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { makeFolder } from "../files.ts";
import { LOG } from "../publishing/compacting.ts";
import { answersOf, expectWhole, publishOld } from "./compact-deaths.ts";

let program: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-program-"));
  program = join(folder, "compact-and-die.mjs");
  const entryPoints = { "compact-and-die": join(import.meta.dirname, "../publishing/compact-and-die.ts") };
  await build({ ...cliBundle, entryPoints, outdir: folder, outExtension: { ".js": ".mjs" } });
  return () => rmSync(folder, { recursive: true });
});

test.each(["before", "2"])("a compactor that is killed at any call, %s, leaves one whole version", async (moment) => {
  const versions: string[] = [];
  for (let fatal = 1; ; fatal++) {
    const folder = makeFolder();
    const store = folderStore(folder);
    const log = new SegmentLog(folderSegments(folder), LOG);
    await publishOld(store, log);
    const { scores } = await answersOf(store, log);
    const argv = [program, folder, fatal, moment].map(String);
    const { status, signal, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    if (signal !== "SIGKILL") expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    versions.push(await expectWhole(store, log, scores));
    if (status === 0) break;
  }
  expect(versions.length).toBeGreaterThan(8);
  expect(versions.at(-1)).toBe("new");
});
