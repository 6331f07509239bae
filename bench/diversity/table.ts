import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { DiversityResult } from "./result.ts";

/** Returns the gains and costs of diversity, as Markdown. */
export function diversityTable({ head, queries, lists, ...origin }: DiversityResult): string {
  const rows = lists.map(({ k, pool, lambda, time, cosine, probability }) => [
    lambda === 1 ? `${k}, plain` : `${k} of ${pool}`,
    ...(lambda === 1 ? [""] : [String(lambda)]),
    ...[time.toFixed(2), cosine.toFixed(2), `${(100 * probability).toFixed(0)} %`],
  ]);
  const columns = ["lambda", "time", "mean cosine of two classes", "probability of the k best that the list has"];
  return [
    `Measured on ${placeOf(origin)}; ${head}; ${queries} queries. Times are medians, in units of that of a plain \`topK\` of the same k in the same run.`,
    table(["list", ...columns], 1, grouped(rows)),
  ].join("\n\n");
}
