import { CLASSES_PER_OUTLIER, MAX_OUTLIERS } from "../../format/outliers.ts";
import type { Logarithms } from "../arithmetic/logarithms.ts";

/** The values by which outliers are chosen. */
export interface OutlierScores {
  /** ‖r‖², f32 (itemCount): the squared norm of each stored row less its codewords. */
  readonly squares: Float32Array;
  /** f32 (itemCount). Undefined without biases. */
  readonly bias: Float32Array | undefined;
  /** The norm of a typical query. */
  readonly queryNorm: number;
}

/**
 * An index of fewer classes has no outliers: it is scanned in less time than a head takes.
 */
const LEAST_CLASSES = 256;
/**
 * The cosine of query and residual at which classes are compared. A trained model turns its queries towards the row of the
 * right class, so residuals are met nearly head-on: products of ten standard deviations occur on the heads of two language
 * models, where a random direction has three.
 */
const COSINE = 0.8;

/**
 * The most outliers of an index. 256 outliers in place of 256 classes of the head took the coverage of 95 % intervals from
 * .893 to .978 on a head of 1,000,000 tokens that was built without counts.
 */
export const MOST_OUTLIERS = 256;

/** A model whose queries tell N classes apart has products of query and row of about this share of log N. */
const LOGIT_SHARE = 0.75;

/** Returns the norm of a typical query where none are given, from the number of classes and their mean squared norm. */
export const typicalQueryNorm = (
  itemCount: number,
  meanSquareNorm: number,
  { log64 }: Pick<Logarithms, "log64">,
): number => (meanSquareNorm > 0 ? (LOGIT_SHARE * log64(itemCount)) / Math.sqrt(meanSquareNorm) : 0);

/** Returns the number of outliers of an index of this size if `most` are allowed. */
export const outlierLimit = (itemCount: number, most: number): number =>
  itemCount < LEAST_CLASSES ? 0 : Math.min(most, MAX_OUTLIERS, Math.floor(itemCount / CLASSES_PER_OUTLIER));

/**
 * Chooses the `limit` classes whose logit can most exceed the one that their bucket gives: those with the largest bias +
 * COSINE queryNorm ‖r‖. Ties go to the lower class. Classes that equal their codewords are never chosen. Returns their ids,
 * ascending. O(N log limit), without memory per class.
 */
export function chooseOutliers({ squares, bias, queryNorm }: OutlierScores, limit: number): Int32Array {
  const scores = new Float64Array(limit); // a heap whose root is the worst of those chosen
  const ids = new Int32Array(limit);
  let count = 0;
  const isWorse = (a: number, b: number): boolean => {
    const [scoreA, scoreB] = [scores[a] as number, scores[b] as number];
    return scoreA < scoreB || (scoreA === scoreB && (ids[a] as number) > (ids[b] as number));
  };
  const swap = (a: number, b: number): void => {
    [scores[a], scores[b]] = [scores[b] as number, scores[a] as number];
    [ids[a], ids[b]] = [ids[b] as number, ids[a] as number];
  };
  const siftUp = (from: number): void => {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isWorse(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };
  const siftDown = (): void => {
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < count && isWorse(child, worst)) worst = child;
      if (worst === at) return;
      swap(at, worst);
      at = worst;
    }
  };
  for (let id = 0; id < squares.length && limit > 0; id++) {
    const square = squares[id] as number;
    if (square === 0) continue;
    const score = (bias?.[id] ?? 0) + COSINE * queryNorm * Math.sqrt(square);
    if (count < limit) {
      [scores[count], ids[count]] = [score, id];
      siftUp(count++);
    } else if (score > (scores[0] as number)) {
      [scores[0], ids[0]] = [score, id];
      siftDown();
    }
  }
  return ids.subarray(0, count).sort();
}
