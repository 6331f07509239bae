import type { ExactHead, ExactResult, SampledCall } from "./exact-result.ts";
import { table } from "./page.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ name, itemCount }: ExactHead): string => `${name}, ${itemCount.toLocaleString("en")} classes`;

/** The cost of exact answers, as Markdown: a line for each call, a column for each head. */
export function exactTable({ machine, node, builder, heads }: ExactResult): string {
  const cellOf = ({ calls }: ExactHead, name: string): string => {
    const call = calls.find((candidate) => candidate.name === name);
    if (!call) return "";
    const median = call.median.toLocaleString("en", { maximumFractionDigits: 0 });
    const rows = `${median} µs, ${call.scored.toLocaleString("en")} rows`;
    const scan = calls.find((candidate) => candidate.name === call.opponent);
    return scan ? `${rows}, ${(call.mean / scan.mean).toFixed(2)} ×` : rows;
  };
  const names = heads[0]?.calls.map(({ name }) => name) ?? [];
  return [
    `Measured on ${machine}, Node ${node}; ${builder}.`,
    "Each cell has the median time, the median of the rows scored, and the mean time over that of the scan for the same answer.",
    table(
      ["call", ...heads.map(titleOf)],
      1,
      names.map((name) => [name, ...heads.map((head) => cellOf(head, name))]),
    ),
  ].join("\n\n");
}

function effortOf({ proposal, scan }: SampledCall): string {
  if (proposal === "codes") return `${scan.toLocaleString("en")}, codes`;
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
