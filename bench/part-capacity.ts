// The rows that surely fit into a part (npm run bench:part-capacity; with --write: docs/build-in-parts.md). Memory is planned, so
// nothing is measured: the plan of an index whose largest bucket had all of its classes is the most that it can be.
import { CHOSEN_PART_BYTES, mostRows } from "../src/cli/building/capacity.ts";
import { ADDRESSABLE_BYTES } from "../src/memory/addressable-bytes.ts";
import { DEFAULT_LIMITS, ISOLATE_BYTES } from "../src/memory/load-options.ts";
import { INDEX_LIMITS } from "../worker/contract/limits.ts";
import { replaceBetween, table } from "./page.ts";

const DIMS = [64, 128, 256, 768];
const ROWS = ["i8", "f16", "f32"] as const;
const SERVICE_LIMITS = { ...DEFAULT_LIMITS, ...INDEX_LIMITS };
const PLACES = [
  ["isolate", ISOLATE_BYTES, SERVICE_LIMITS],
  ["auto", CHOSEN_PART_BYTES, DEFAULT_LIMITS],
  ["4 GiB", ADDRESSABLE_BYTES, DEFAULT_LIMITS],
] as const;

const lines = DIMS.map((dim) => [
  String(dim),
  ...ROWS.flatMap((rowType) =>
    PLACES.map(([, bytes, limits]) => {
      const shape = {
        dim,
        rowType,
        quantizer: "rq",
        bits: 8,
        hasBias: false,
        fineCodes: false,
        residuals: false,
      } as const;
      return rounded(mostRows(bytes, shape, limits));
    }),
  ),
]);
const text = table(["dim", ...ROWS.flatMap((rowType) => PLACES.map(([name]) => `${rowType}, ${name}`))], 0, lines);
console.log(text);
if (process.argv.includes("--write")) replaceBetween("docs/build-in-parts.md", "part-capacity", text);

/** Rounds down to two digits. */
function rounded(count: number): string {
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return (Math.floor(count / digit) * digit).toLocaleString("en");
}
