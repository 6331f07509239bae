import type { ExactHead, ExactResult, SampledCall } from "./exact-result.ts";
import { table } from "./page.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ name, itemCount }: ExactHead): string => `${name}, ${itemCount.toLocaleString("en")} classes`;

/** What exact answers cost, as Markdown. */
export function exactTable({ machine, node, builder, heads }: ExactResult): string {
  const rows = heads.flatMap((head) =>
    head.calls.map(({ name, median, mean, scored, opponent }) => {
      const other = head.calls.find((call) => call.name === opponent);
      const ratio = other ? `${(mean / other.mean).toFixed(2)} ×` : "";
      return [titleOf(head), name, median.toFixed(0), mean.toFixed(0), scored.toLocaleString("en"), ratio];
    }),
  );
  return [
    `Measured on ${machine}, Node ${node}; ${builder}. The last column compares means with the scan that gives the same.`,
    table(["head", "call", "median µs", "mean µs", "rows scored, median", "of the scan's time"], 2, rows),
  ].join("\n\n");
}

function effortOf({ scan, rescore }: SampledCall): string {
  if (rescore !== undefined) return `codes, ${rescore.toLocaleString("en")}`;
  return scan === 0 ? "0 (plain MIDX)" : scan.toLocaleString("en");
}

/** What sampled answers are worth, as Markdown. */
export function sampledTable({ heads }: ExactResult): string {
  const rows = heads.flatMap((head) =>
    head.sampled.map((q) => [
      titleOf(head),
      effortOf(q),
      q.median.toFixed(0),
      q.totalVariation.toFixed(3),
      q.recallAt10.toFixed(3),
      `${(100 * q.logPartitionErrorP90).toFixed(1)} %`,
    ]),
  );
  const perplexities = heads.map((head) => `${titleOf(head)}: ${head.perplexity.toLocaleString("en")}`).join("; ");
  return [
    `Perplexity of the softmax, mean over the queries: ${perplexities}.`,
    table(
      [
        "head",
        "scan, or rescore of fine codes",
        "median µs",
        "total variation",
        "recall@10",
        "log Z error, p90, 100 draws",
      ],
      2,
      rows,
    ),
  ].join("\n\n");
}
