/** The nucleus of all scores in float64, for heads that are too large for the plain chain of test/reference/decode.ts. */
export interface TrueNucleus {
  readonly count: number;
  /** Returns the total variation between its law and another one. Scores are by id. */
  distanceOf(
    law: { readonly ids: readonly number[]; readonly probabilities: readonly number[] },
    scores: Float32Array,
  ): number;
}

/** Finds the nucleus. Where scores at its end are equal, all of them count as kept. */
export function trueNucleus(
  scores: Float32Array,
  { topP, temperature }: { readonly topP: number; readonly temperature: number },
): TrueNucleus {
  const inverse = Math.fround(1 / temperature);
  const ranked = scores.toSorted().reverse();
  const top = ranked[0] as number;
  const weightOf = (score: number): number => Math.exp((score - top) * inverse);
  const limit = topP * ranked.reduce((sum, score) => sum + weightOf(score), 0);
  let [count, mass] = [0, 0];
  while (count < ranked.length && mass < limit) mass += weightOf(ranked[count++] as number);
  const least = ranked[count - 1] as number;
  return {
    count,
    distanceOf: ({ ids, probabilities }, byId) => {
      let common = 0;
      for (const [i, id] of ids.entries()) {
        const score = byId[id] as number;
        if (score >= least) common += Math.min(probabilities[i] as number, weightOf(score) / mass);
      }
      return Math.max(0, 1 - common);
    },
  };
}
