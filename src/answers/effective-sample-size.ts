import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Draws } from "./answers.ts";

/** Adds the effective sample size of draws by their importance weights. */
export function withEffectiveSampleSize(opened: OpenedIndex, draws: Omit<Draws, "effectiveSampleSize">): Draws {
  const { scores, logQ } = draws;
  const { inverseTemperature } = opened.conditions;
  const logWeightOf = (i: number): number => (scores[i] as number) * inverseTemperature - (logQ[i] as number);
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) largest = Math.max(largest, logWeightOf(i));
  let [sum, squares] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    const weight = opened.kernels.exp64(logWeightOf(i) - largest);
    sum += weight;
    squares += weight * weight;
  }
  return { ...draws, effectiveSampleSize: squares > 0 ? (sum * sum) / squares : 0 };
}
