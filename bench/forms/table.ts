import { grouped, table } from "../page.ts";
import type { Figures, FormsResult } from "./result.ts";

/** Returns what models learned by each form of the loss are worth, as Markdown. */
export function formsTable({ sets }: FormsResult): string {
  const rows = sets.flatMap(({ set, positives, full, samplers }) =>
    samplers.map(({ sampler, A, B }) => [
      `${set}, ${positives.toFixed(positives === 1 ? 0 : 1)}`,
      sampler,
      ...[full, A, B].map(({ perplexity }: Figures) => perplexity.toFixed(0)),
      ...[full, A, B].map(({ ndcg }: Figures) => ndcg.toFixed(4)),
    ]),
  );
  const heading = [
    "set, positives of an example",
    "sampler",
    "perplexity: full softmax",
    "A",
    "B",
    "NDCG@20: full softmax",
  ];
  return table([...heading, "A", "B"], 2, grouped(rows));
}
