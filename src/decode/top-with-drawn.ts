import { LEAST_ERROR } from "../answers/dispersion-bars.ts";
import type { Functions } from "../answers/functions.ts";
import type { Decoded, TopLogProbabilities } from "./decoded.ts";

// An estimate knows the classes of its head alone. Where queries point at single rows, the class that was drawn can be better
// than all of them, and its mass can be larger than the whole estimate of Z: of 256 greedy answers on a made-up layer of 50,257
// rows of 768 values, 83 were a class that the head lacked. What the draw has shown corrects the estimate.

/** An estimate of log Z. */
interface EstimatedZ {
  readonly logPartition: number;
  readonly standardError: number;
}

/** The best classes that an estimate knows, best first. */
interface EstimatedTop extends EstimatedZ {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

/** Returns the estimate, or the logarithm of a part of Z if that is larger. Then the error of log Z is not known. */
export const withMass = ({ logPartition, standardError }: EstimatedZ, logMass: number): EstimatedZ =>
  logMass > logPartition + LEAST_ERROR
    ? { logPartition: logMass, standardError: Number.POSITIVE_INFINITY }
    : { logPartition, standardError };

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
