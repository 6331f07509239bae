// The number of classes that an isolate holds (npm run bench:capacity; with --write: docs/deploy.md). It follows from a straight line
// through the memory of made-up indexes of a quarter and a half of that size. Much smaller ones keep more or fewer tables from call to
// call for each class.
import { ISOLATE_BYTES } from "../src/memory/load-options.ts";
import { SWAP_BYTES } from "../src/publication/publishing/successor.ts";
import { INDEX_LIMITS } from "../worker/contract/limits.ts";
import { load } from "./library.ts";
import { madeUp } from "./made-up.ts";
import { replaceBetween, table } from "./page.ts";

const DIMS = [64, 128, 256, 768];
const ROWS = ["i8", "f16", "f32"] as const;
const BYTES = { i8: 1, f16: 2, f32: 4 };
/** About the bytes of a class beside its row, and those of an index without classes. */
const BESIDE_ROW = 60;
const EMPTY = 4e6;

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

/** Returns how many classes take `limit` bytes of memory. */
async function largest(limit: number, dim: number, rows: (typeof ROWS)[number]): Promise<number> {
  const about = (limit - EMPTY) / (dim * BYTES[rows] + BESIDE_ROW);
  const [quarter, half] = [Math.round(about / 4), Math.round(about / 2)];
  const [ofQuarter, ofHalf] = [await memoryOf(quarter, dim, rows), await memoryOf(half, dim, rows)];
  return quarter + ((limit - ofQuarter) * (half - quarter)) / (ofHalf - ofQuarter);
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
