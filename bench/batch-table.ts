import type { BatchHead, BatchResult } from "./batch-result.ts";
import { grouped, table } from "./page.ts";

const titleOf = ({ itemCount, rowType }: BatchHead): string => `${itemCount.toLocaleString("en")} × ${rowType}`;

/** How much faster a query is in a batch, as Markdown: a line for each call, a column for each size. */
export function batchTable({ machine, node, builder, heads }: BatchResult): string {
  const sizes = heads[0]?.calls[0]?.sizes.map(({ size }) => `batch ${size}`) ?? [];
  const rows = heads.flatMap((head) =>
    head.calls.map((call) => [titleOf(head), call.name, ...call.sizes.map(({ ratio }) => `${ratio.toFixed(2)} ×`)]),
  );
  return [
    `Measured on ${machine}, Node ${node}; ${builder}.`,
    "Cells are the time of a single call over that of a query in the batch.",
    table(["rows", "call", ...sizes], 2, grouped(rows)),
  ].join("\n\n");
}
