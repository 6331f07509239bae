import { placeOf } from "../origin.ts";
import { table } from "../page.ts";
import type { CompactionResult, Way } from "./result.ts";

const seconds = ({ millis, turns }: Way): string => `${(millis / 1000).toFixed(millis < 1000 ? 3 : 1)} (${turns})`;

/** Returns the cost of taking changes, and the recall that is left, as Markdown: a line for each way. */
export function compactionTable({ itemCount, dim, changed, ways, ...origin }: CompactionResult): string {
  return [
    `Measured on ${placeOf(origin)}, on ${itemCount.toLocaleString("en")} tokens with ${dim} values and biases. Of these, ${(changed / 2).toLocaleString("en")} get another row, as many are removed, and as many are added. Times are CPU seconds, medians over the number of turns in brackets; other programs were running, so compare them only with one another. Recall is the share of the ten classes with the highest scores that is found, before the changes and in the changed table; the last column says by which call.`,
    table(
      ["way", "s (turns)", "recall@10 before", "after", "asked"],
      1,
      ways.map((way) => [
        ...[way.name, seconds(way), way.recallBefore?.toFixed(4) ?? "–", way.recall.toFixed(4), way.asked],
      ]),
    ),
  ].join("\n\n");
}
