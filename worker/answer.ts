import type { Context } from "hono";
import type { Estimated } from "../src/answers.ts";
import type { MultiIndex } from "../src/multi-index.ts";

/**
 * The shape of an answer follows the request: one object for `vector`, `results` in the order of `vectors`.
 * Both name the index file they come from. What JSON has no number for is null: the infinities, such as log Z where no
 * class takes part, and an error that can't be told.
 */
export function answerJson(c: Context, index: MultiIndex, batched: boolean, answers: readonly object[]): Response {
  const { contentId } = index.info;
  return c.json(batched ? { contentId, results: answers } : { contentId, ...answers[0] });
}

/** What every estimate says of itself; `choice` with `"scan": "auto"`. */
export function estimatedJson(answer: Estimated): object {
  return {
    logPartition: answer.logPartition,
    standardError: answer.standardError,
    effectiveSampleSize: answer.effectiveSampleSize,
    lowEss: answer.lowEss,
    scored: answer.scored,
    seed: String(answer.seed),
    ...(answer.choice && { choice: answer.choice }),
  };
}
