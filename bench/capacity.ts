// The number of classes that an isolate holds (npm run bench:capacity; with --write: docs/deploy.md). The memory of made-up indexes
// is measured near the limits, because an index keeps more or fewer tables from call to call, by its size.
import { SWAP_BYTES } from "../src/publication/publishing/successor.ts";
import { INDEX_LIMITS } from "../worker/contract/limits.ts";
import { load } from "./library.ts";
import { madeUp } from "./made-up.ts";
import { replaceBetween, table } from "./page.ts";

const DIMS = [64, 128, 256, 768];
const ROWS = ["i8", "f16", "f32"] as const;
/** The size of the first index, and how often a line from there gives the size of the next, which is near the limit. */
const FIRST = 20_000;
const STEPS = 3;
/** The memory limit of an index that is loaded in a Worker. */
const ISOLATE_BYTES = 120 * 2 ** 20;

const lines: string[][] = [];
for (const dim of DIMS) {
  const cells = [String(dim)];
  for (const rows of ROWS) {
    for (const bytes of [SWAP_BYTES / 2, ISOLATE_BYTES]) cells.push(rounded(await largest(bytes, dim, rows)));
  }
  lines.push(cells);
}
const heading = ["dim", ...ROWS.flatMap((rows) => [`${rows}, swapped`, `${rows}, alone`])];
const text = table(heading, 0, lines);
console.log(text);
if (process.argv.includes("--write")) replaceBetween("docs/deploy.md", "capacity", text);

/** Returns how many classes take `bytes` of memory: on a line through indexes of two sizes, the second near the result. */
async function largest(bytes: number, dim: number, rows: (typeof ROWS)[number]): Promise<number> {
  const first = await memoryOf(FIRST, dim, rows);
  let [size, memory] = [2 * FIRST, await memoryOf(2 * FIRST, dim, rows)];
  for (let step = 0; step < STEPS; step++) {
    size = Math.floor(FIRST + ((bytes - first) * (size - FIRST)) / (memory - first));
    memory = await memoryOf(size, dim, rows);
  }
  return FIRST + ((bytes - first) * (size - FIRST)) / (memory - first);
}

async function memoryOf(itemCount: number, dim: number, rows: (typeof ROWS)[number]): Promise<number> {
  const index = await load(await madeUp(itemCount, dim, { rowType: rows, bits: 8 }), INDEX_LIMITS);
  const { memoryBytes } = index.info;
  index.dispose();
  return memoryBytes;
}

/** Rounds down to two digits. */
function rounded(count: number): string {
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return (Math.floor(count / digit) * digit).toLocaleString("en");
}
