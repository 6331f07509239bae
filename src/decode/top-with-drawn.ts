import type { Functions } from "../answers/functions.ts";
import { type EstimatedZ, withMass } from "../answers/known-mass.ts";
import type { Decoded, TopLogProbabilities } from "./decoded.ts";

/** The best classes that an estimate knows, best first. */
interface EstimatedTop extends EstimatedZ {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

/**
 * Returns the `count` best of the classes that an estimate knows and the one that was drawn, with their log-probabilities at
 * 1 / T = `inverse`.
 */
export function topWithDrawn(
  { exp64, log64 }: Functions,
  estimated: EstimatedTop,
  { id, score }: Pick<Decoded, "id" | "score">,
  count: number,
  inverse: number,
): TopLogProbabilities {
  const known = Array.from(estimated.ids, (each, i) => ({ id: each, score: estimated.scores[i] as number }));
  if (!estimated.ids.includes(id)) {
    const behind = known.findIndex((each) => each.score < score || (each.score === score && each.id > id));
    known.splice(behind < 0 ? known.length : behind, 0, { id, score });
  }
  const best = (known[0]?.score as number) * inverse;
  const sum = known.reduce((total, each) => total + exp64(each.score * inverse - best), 0);
  const { logPartition, standardError } = withMass(estimated, best + log64(sum));
  const top = known.slice(0, count);
  return {
    ids: Int32Array.from(top, (each) => each.id),
    logProbabilities: Float64Array.from(top, (each) => each.score * inverse - logPartition),
    logProbability: score * inverse - logPartition,
    standardError,
  };
}
