import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { buildIndex } from "../build-index.ts";
import { makeFolder } from "../cli/files.ts";
import { WHOLE } from "../size.ts";
import { randomRows } from "../train/rows.ts";

const MEBIBYTE = 2 ** 20;
const [ITEMS, DIM] = [20_000, 32];

const file = await buildIndex({ data: randomRows(ITEMS * DIM, 1), shape: [ITEMS, DIM] }, { bits: 4, seed: 1 });

interface State {
  readonly living: number;
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

/** Repeats the action `times` times in a separate process. */
async function whatStays(action: string, times: number): Promise<{ before: State; after: State; memoryBytes: number }> {
  const path = join(makeFolder(), "index.midx");
  writeFileSync(path, file);
  const program = fileURLToPath(new URL("what-stays.ts", import.meta.url));
  const argv = ["--expose-gc", "--no-warnings", program, action, path, String(times), String(DIM)];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout);
}

test.each([
  ["load and dispose", WHOLE ? 500 : 20],
  ["load and forget", WHOLE ? 100 : 20],
  ["fail at a damaged file", WHOLE ? 100 : 20],
  ["fail with a stream", WHOLE ? 100 : 20],
  ["fail for memory", WHOLE ? 100 : 20],
  ["query", WHOLE ? 350_000 : 5_000],
] as const)("to %s %i times leaves nothing", async (action, times) => {
  const { before, after, memoryBytes } = await whatStays(action, times);
  const grown = (field: keyof State): string => `${((after[field] - before[field]) / MEBIBYTE).toFixed(1)} MiB`;
  console.info(
    `${times} × ${action}, ${(memoryBytes / MEBIBYTE).toFixed(1)} MiB each: ${after.living} memories, ` +
      `resident ${grown("rss")}, heap ${grown("heap")}, external ${grown("external")} more`,
  );
  expect(after.living).toBeLessThanOrEqual(2); // the one that is kept, and one that a register may still hold
  expect(after.rss - before.rss).toBeLessThan(32 * MEBIBYTE);
  expect(after.heap - before.heap).toBeLessThan(MEBIBYTE);
  expect(after.external - before.external).toBeLessThan(2 * memoryBytes);
});
