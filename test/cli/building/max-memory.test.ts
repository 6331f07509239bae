import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { cliBundle } from "../../../scripts/bundle/cli-bundle.ts";
import { bytesOf, makeFolder } from "../files.ts";
import { sayPeakMemory } from "../peak-memory.ts";
import { midx, noise } from "../run.ts";

const [ITEM_COUNT, DIM] = [600_000, 64];
const MIB = 2 ** 20;

/** Writes the rows to a file of `folder`. */
function writeRows(folder: string): string {
  const path = join(folder, "rows.f32");
  const file = openSync(path, "w");
  const tenth = bytesOf(noise((ITEM_COUNT * DIM) / 10, 1));
  for (let part = 1; part <= 10; part++) writeSync(file, tenth);
  closeSync(file);
  return path;
}

/** Bundles the command, and returns a function that runs it in a process and returns its peak memory in bytes. */
async function bundleInto(folder: string): Promise<(...argv: string[]) => number> {
  await build({ ...cliBundle, outdir: folder, outExtension: { ".js": ".mjs" } });
  const preload = join(folder, "preload.mjs");
  writeFileSync(preload, sayPeakMemory);
  return (...argv) => {
    const nodeArgv = ["--import", pathToFileURL(preload).href, join(folder, "cli.mjs"), ...argv];
    const { status, stderr } = spawnSync(process.execPath, nodeArgv, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/^\d+$/);
    return Number(stderr) * 1024; // in KiB
  };
}

test("a build stays within --max-memory, the least it takes, with an input larger than that", async () => {
  const folder = makeFolder();
  const input = writeRows(folder);
  const argv = ["build", input, "--dim", `${DIM}`, "--bits", "4", "-o", join(folder, "out.midx"), "--max-memory"];
  const least = Number(/at least (\d+) MiB/.exec((await midx([...argv, "1"])).stderr)?.[1]);
  expect(ITEM_COUNT * DIM * 4).toBeGreaterThan(least * MIB);

  const peakOf = await bundleInto(folder);
  expect(peakOf(...argv, String(least)) / MIB).toBeLessThanOrEqual(least);
});

test("a build without --max-memory takes less than one and a half times its rows", async () => {
  const folder = makeFolder();
  const input = writeRows(folder);
  const peakOf = await bundleInto(folder);
  const idle = peakOf("--version");
  const peak = peakOf("build", input, "--dim", `${DIM}`, "--bits", "4", "-o", join(folder, "out.midx"));
  expect((peak - idle) / MIB).toBeLessThan((1.5 * ITEM_COUNT * DIM * 4) / MIB);
});
