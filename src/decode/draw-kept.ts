import type { Cut } from "./cut.ts";
import type { Decoded } from "./decoded.ts";

/** Draws from the kept classes: the first one with which their mass exceeds `uniform`, a number in [0, 1), times it. */
export function drawKept(cut: Cut, temperature: number, uniform: number, seed: bigint): Decoded {
  const { truncation, kept, decided, undecided, standardError, scored } = cut;
  const { ids, scores } = truncation.ranked;
  const masses = truncation.at(temperature);
  const chosen = masses.firstAbove(uniform * masses.of(kept), kept);
  const score = scores[chosen] as number;
  return {
    id: ids[chosen] as number,
    score,
    logProbability: masses.logProbability(score, kept),
    kept,
    certain: decided !== "estimate",
    decided,
    undecided,
    standardError,
    seed,
    scored,
  };
}
