import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { WHOLE } from "../run/size.ts";
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

/** How often each action is repeated. */
const TIMES = {
  "load and dispose": WHOLE ? 500 : 12,
  "load and forget": WHOLE ? 100 : 12,
  "fail at a damaged file": WHOLE ? 100 : 12,
  "fail with a stream": WHOLE ? 100 : 12,
  "fail for memory": WHOLE ? 100 : 12,
  query: WHOLE ? 350_000 : 1_000,
};
type Action = keyof typeof TIMES;

let stays: Record<Action, { readonly before: State; readonly after: State }>;
let memoryBytes: number;

/** Repeats the actions one after the other in a separate process, which takes a second to start. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
  try {
    const path = join(folder, "index.midx");
    writeFileSync(path, file);
    const program = fileURLToPath(new URL("what-stays.ts", import.meta.url));
    const argv = ["--expose-gc", "--no-warnings", program, path, String(DIM), JSON.stringify(TIMES)];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    ({ stays, memoryBytes } = JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(Object.entries(TIMES) as [Action, number][])("to %s %i times leaves nothing", (action, times) => {
  const { before, after } = stays[action];
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
