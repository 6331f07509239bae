/** Returns the ids of the `count` highest scores, highest first. Ties go to the lower id. */
export function bestIds(scores: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id] as number;
    if (best.length === count && score <= (scores[best[count - 1] as number] as number)) continue;
    let at = best.length === count ? count - 1 : best.length;
    while (at > 0 && score > (scores[best[at - 1] as number] as number)) at--;
    if (best.length === count) best.pop();
    best.splice(at, 0, id);
  }
  return best;
}
