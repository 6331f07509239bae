import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { ExactHead, ExactResult, SampledCall } from "./result.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ name, itemCount }: ExactHead): string => `${name}, ${itemCount.toLocaleString("en")} classes`;

/** Returns the cost of exact answers, as Markdown: a line for each call, a column for each head. */
export function exactTable({ builder, heads, ...origin }: ExactResult): string {
  const cellOf = ({ calls }: ExactHead, name: string): string => {
    const call = calls.find((candidate) => candidate.name === name);
    if (!call) return "";
    const median = call.median.toLocaleString("en", { maximumFractionDigits: 0 });
    const scan = calls.find((candidate) => candidate.name === call.opponent);
    return scan ? `${median} (${(call.mean / scan.mean).toFixed(2)} ×)` : median;
  };
  const names = heads[0]?.calls.map(({ name }) => name) ?? [];
  return [
    `Measured on ${placeOf(origin)}; ${builder}.`,
    "Cells are the median time in µs and, in brackets, the mean time divided by that of the scan that gives the same answer.",
    table(
      ["call", ...heads.map(titleOf)],
      1,
      names.map((name) => [name, ...heads.map((head) => cellOf(head, name))]),
    ),
  ].join("\n\n");
}

function effortOf({ proposal, scan }: SampledCall): string {
  if (proposal === "codes") return `${scan.toLocaleString("en")}, codes`;
  return scan.toLocaleString("en");
}

/** Returns the quality of sampled answers, as Markdown: a column for each call, and lines of figures for each head. */
export function sampledTable({ heads }: ExactResult): string {
  const efforts = heads[0]?.sampled.map(effortOf) ?? [];
  const rows = heads.flatMap((head) => {
    const row = (figure: string, cellOf: (call: SampledCall) => string): string[] => [
      ...[`${titleOf(head)}, perplexity ${head.perplexity.toLocaleString("en")}`, figure],
      ...efforts.map((effort) => {
        const call = head.sampled.find((candidate) => effortOf(candidate) === effort);
        return call ? cellOf(call) : "";
      }),
    ];
    return [
      row("median µs", ({ median }) => median.toLocaleString("en", { maximumFractionDigits: 0 })),
      row("total variation", ({ totalVariation }) => totalVariation.toFixed(3)),
      row("recall@10", ({ recallAt10 }) => recallAt10.toFixed(3)),
      row("log Z error, %", ({ logPartitionErrorP90 }) => (100 * logPartitionErrorP90).toFixed(1)),
    ];
  });
  return table(["output layer", "scan:", ...efforts], 2, grouped(rows));
}
