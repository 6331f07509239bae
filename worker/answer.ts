import type { Context } from "hono";
import type { MultiIndex } from "../src/multi-index.ts";

/**
 * The shape of an answer follows the request: one object for `vector`, `results` in the order of `vectors`.
 * Both name the index file they come from. What JSON has no number for is null (log Z of an empty index, -Infinity).
 */
export function answerJson(c: Context, index: MultiIndex, batched: boolean, answers: readonly object[]): Response {
  const { contentId } = index.info;
  return c.json(batched ? { contentId, results: answers } : { contentId, ...answers[0] });
}
