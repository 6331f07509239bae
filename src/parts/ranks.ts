import { exp64, log64 } from "../arithmetic/exp-log.ts";
import type { Stage } from "../decode/chain.ts";
import { type Ranked, rank } from "../decode/ranked.ts";
import { TruncatedRanks } from "../decode/truncated-ranks.ts";
import type { PartialTop } from "./partial-answer.ts";
import type { Question } from "./question.ts";

// The ranks of decode: all classes that minP and topK can keep. minP compares with the best of a part, which is never better
// than the best of all, so what a part keeps has all of its classes that the whole index keeps.

const FUNCTIONS = { exp64, log64 };

/** The most classes that a part sends: 512 kB. */
export const MOST_RANKED = 65_536;

/** Returns the first of ranked classes, those that a question about decode can keep. */
export function keptRanks(ranked: Ranked, { size, options }: Pick<Question, "size" | "options">): PartialTop {
  const { temperature = 1, minP = 0 } = options;
  const stages: Stage[] = [];
  if (size > 0) stages.push({ by: "topK", value: size, temperature });
  if (minP > 0) stages.push({ by: "minP", value: minP, temperature });
  const kept = truncated(ranked).keptBy(stages, Number.POSITIVE_INFINITY);
  return { ids: ranked.ids.slice(0, kept), scores: ranked.scores.slice(0, kept), exact: true };
}

/** Puts the ranks of several parts together, and leaves out the classes that the best of all of them excludes. */
export function mergeRanks(tops: readonly PartialTop[], question: Pick<Question, "size" | "options">): PartialTop {
  const count = tops.reduce((sum, { ids }) => sum + ids.length, 0);
  const ids = new Int32Array(count);
  const scores = new Float32Array(count);
  let at = 0;
  for (const top of tops) {
    ids.set(top.ids, at);
    scores.set(top.scores, at);
    at += top.ids.length;
  }
  return keptRanks(rank(ids, scores), question);
}

/** Ranked classes with the arithmetic of the kernels. */
export const truncated = (ranked: Ranked): TruncatedRanks => new TruncatedRanks(FUNCTIONS, ranked);
