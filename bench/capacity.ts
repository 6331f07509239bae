// The number of classes that an isolate holds (npm run bench:capacity; with --write: docs/deploy.md). Memory is planned
// and depends on chance only through the buckets that rows fall into. So the numbers follow from a straight line
// through the memory of made-up indexes of two sizes.
import { SWAP_BYTES } from "../src/publication/publishing/successor.ts";
import { INDEX_LIMITS } from "../worker/contract/limits.ts";
import { load } from "./library.ts";
import { madeUp } from "./made-up.ts";
import { replaceBetween, table } from "./page.ts";

const DIMS = [64, 128, 256, 768];
const ROWS = ["i8", "f16", "f32"] as const;
const SIZES = [20_000, 30_000] as const;
/** The memory limit of an index that is loaded in a Worker. */
const ISOLATE_BYTES = 120 * 2 ** 20;

const lines: string[][] = [];
for (const dim of DIMS) {
  const cells = [String(dim)];
  for (const rows of ROWS) {
    const [small, large] = (await Promise.all(SIZES.map((size) => memoryOf(size, dim, rows)))) as [number, number];
    const each = (large - small) / (SIZES[1] - SIZES[0]);
    for (const bytes of [SWAP_BYTES / 2, ISOLATE_BYTES]) cells.push(rounded(SIZES[0] + (bytes - small) / each));
  }
  lines.push(cells);
}
const heading = ["dim", ...ROWS.flatMap((rows) => [`${rows}, swapped`, `${rows}, alone`])];
const text = table(heading, 0, lines);
console.log(text);
if (process.argv.includes("--write")) replaceBetween("docs/deploy.md", "capacity", text);

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
