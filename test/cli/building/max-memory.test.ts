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

test("a build stays within --max-memory, the least it takes, with an input larger than that", async () => {
  const folder = makeFolder();
  const input = join(folder, "rows.f32");
  const file = openSync(input, "w");
  const tenth = bytesOf(noise((ITEM_COUNT * DIM) / 10, 1));
  for (let part = 1; part <= 10; part++) writeSync(file, tenth);
  closeSync(file);
  const argv = ["build", input, "--dim", `${DIM}`, "--bits", "4", "-o", join(folder, "out.midx"), "--max-memory"];
  const least = Number(/at least (\d+) MiB/.exec((await midx([...argv, "1"])).stderr)?.[1]);
  expect(ITEM_COUNT * DIM * 4).toBeGreaterThan(least * MIB);

  await build({ ...cliBundle, outdir: folder, outExtension: { ".js": ".mjs" } });
  const preload = join(folder, "preload.mjs");
  writeFileSync(preload, sayPeakMemory);
  const nodeArgv = ["--import", pathToFileURL(preload).href, join(folder, "cli.mjs"), ...argv, String(least)];
  const { status, stderr } = spawnSync(process.execPath, nodeArgv, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/^\d+$/);
  const resident = Number(stderr) * 1024; // in KiB
  expect(resident / MIB).toBeLessThanOrEqual(least);
});
