// The softmax over every class, in f64 and left to right: what answers are held to.

/** Host Math has no place in train/: its bits differ between runtimes. */
export interface Logarithms {
  exp64(x: number): number;
  log64(x: number): number;
}

export function logSumExp(scores: Float32Array | Float64Array, { exp64, log64 }: Logarithms): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > largest) largest = score;
  let sum = 0;
  for (const score of scores) sum += exp64(score - largest);
  return largest + log64(sum);
}

/** Highest score first, then lower id. */
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
