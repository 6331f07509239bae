import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { cliBundle } from "../../../scripts/bundle/cli-bundle.ts";
import { sweepTemporaryFiles } from "../../../src/cli/process/temporary-files.ts";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { makeFolder } from "../files.ts";
import { LOG } from "../publishing/compacting.ts";
import { sha256Of } from "../publishing/memory-store.ts";
import { Deaths, PUBLISHED, type Scene } from "./compact-deaths.ts";

let program: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-program-"));
  program = join(folder, "compact-and-die.mjs");
  const entryPoints = { "compact-and-die": join(import.meta.dirname, "../publishing/compact-and-die.ts") };
  await build({ ...cliBundle, entryPoints, outdir: folder, outExtension: { ".js": ".mjs" } });
  return () => rmSync(folder, { recursive: true });
});

/** Temporary files as old as this are removed by the next command that writes to their folder. */
const OLD_MS = 3_600_000;

/** The hashes of all files in a folder by their paths, without the temporary ones that a later command removes. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const all = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const folders = new Set(all().map(({ parentPath }) => parentPath));
  for (const one of folders) await sweepTemporaryFiles(one, Date.now() + OLD_MS);
  const paths = all().map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.map((path) => [relative(folder, path), sha256Of(readFileSync(path))]));
}

interface SceneInFolder extends Scene {
  readonly folder: string;
}

function openFolder(): SceneInFolder {
  const folder = makeFolder();
  const log = new SegmentLog(folderSegments(folder), LOG);
  return { folder, store: folderStore(folder), log, kept: () => filesIn(folder) };
}

describe.each(Object.entries(PUBLISHED))("a compactor of %s", (_, published) => {
  test.each(["before", "2"])("that is killed at any call, %s, leaves one whole version", async (moment) => {
    const deaths = new Deaths(published, openFolder);
    const versions: string[] = [];
    for (let fatal = 1; ; fatal++) {
      const scene = await deaths.begin();
      const argv = [program, scene.folder, fatal, moment].map(String);
      const { status, signal, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
      if (signal !== "SIGKILL") expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      versions.push(await deaths.expectWhole(scene));
      if (status === 0) break;
    }
    expect(versions.length).toBeGreaterThan(8);
    // Once a reader sees the new version, it stays.
    expect(versions.lastIndexOf("old")).toBeLessThan(versions.indexOf("new"));
  });
});
