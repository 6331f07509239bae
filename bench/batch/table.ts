import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { BatchHead, BatchResult } from "./result.ts";

const titleOf = ({ itemCount, rowType }: BatchHead): string => `${itemCount.toLocaleString("en")} × ${rowType}`;

/**
 * Returns the speed-up of a query in a batch, as Markdown: a line for each call, a column for each size. A second table has
 * the times of the full softmax beside those of products by other libraries.
 */
export function batchTable({ builder, heads, products, ...origin }: BatchResult): string {
  const titles = (of: readonly { readonly size: number }[] | undefined): string[] =>
    of?.map(({ size }) => `batch ${size}`) ?? [];
  const rows = heads.flatMap((head) =>
    head.calls.map((call) => [titleOf(head), call.name, ...call.sizes.map(({ ratio }) => `${ratio.toFixed(2)} ×`)]),
  );
  const times = products.map(({ name, sizes }) => [name, ...sizes.map(({ micros }) => `${Math.round(micros)}`)]);
  return [
    `Measured on ${placeOf(origin)}; ${builder}.`,
    "Cells are the time of a single call divided by the time of one query in the batch.",
    table(["rows", "call", ...titles(heads[0]?.calls[0]?.sizes)], 2, grouped(rows)),
    'CPU µs for each query of a batch that reads all rows, on one thread. "Product alone" computes the scores, but adds no biases, takes no exponentials and finds no best classes.',
    table(["what", ...titles(products[0]?.sizes)], 1, times),
  ].join("\n\n");
}
