import type { ExactHead, ExactResult, SampledCall } from "./exact-result.ts";
import { table } from "./page.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ name, itemCount }: ExactHead): string => `${name}, ${itemCount.toLocaleString("en")} classes`;

/** The cost of exact answers, as Markdown: a table for each head. */
export function exactTable({ machine, node, builder, heads }: ExactResult): string {
  const tables = heads.flatMap((head) => {
    const rows = head.calls.map(({ name, median, mean, scored, opponent }) => {
      const other = head.calls.find((call) => call.name === opponent);
      const ratio = other ? `${(mean / other.mean).toFixed(2)} ×` : "";
      return [name, median.toFixed(0), mean.toFixed(0), scored.toLocaleString("en"), ratio];
    });
    return [
      `**${titleOf(head)}**`,
      table(["call", "median µs", "mean µs", "rows scored, median", "of the scan's mean"], 1, rows),
    ];
  });
  return [
    `Measured on ${machine}, Node ${node}; ${builder}. The last column compares with the scan that gives the same answer.`,
    ...tables,
  ].join("\n\n");
}

function effortOf({ scan, rescore }: SampledCall): string {
  if (rescore !== undefined) return `${rescore.toLocaleString("en")}, codes`;
  return scan === 0 ? "0 (plain MIDX)" : scan.toLocaleString("en");
}

/** The quality of sampled answers, as Markdown: a table for each head. */
export function sampledTable({ heads }: ExactResult): string {
  const columns = ["scan", "median µs", "total variation", "recall@10", "log Z error, p90, 100 draws"];
  return heads
    .flatMap((head) => {
      const rows = head.sampled.map((q) => [
        effortOf(q),
        q.median.toFixed(0),
        q.totalVariation.toFixed(3),
        q.recallAt10.toFixed(3),
        `${(100 * q.logPartitionErrorP90).toFixed(1)} %`,
      ]);
      const perplexity = head.perplexity.toLocaleString("en");
      return [`**${titleOf(head)}**, mean perplexity of the softmax ${perplexity}`, table(columns, 1, rows)];
    })
    .join("\n\n");
}
