/** The recall of topK with one pair of `scan` and `rescore`. */
export interface RecallPoint {
  /** The number of rows whose fine codes are read. */
  readonly scan: number;
  /** The number of rows that are scored exactly. */
  readonly rescore: number;
  /**
   * The share of the k best stored rows that topK is to find, mean over queries: the measured share, less a margin for
   * the uncertainty of the measurement.
   */
  readonly recall: number;
}

/** The recall of topK for one k against its work. */
export interface RecallCurve {
  /** The number of classes asked for: 10 or 100. */
  readonly k: number;
  /** Points from little work and recall to much of both; empty if none were measured. */
  readonly points: readonly RecallPoint[];
}

// In the file: f32 (CURVE_KS, CURVE_POINTS, CURVE_FIELDS) with scan, rescore, recall and 0. Missing points are zeros.

/** The values of k for which curves are measured. A call takes the curve of the next larger one. */
export const CURVE_KS = [10, 100] as const;
export const CURVE_POINTS = 16;
export const CURVE_FIELDS = 4;

/** The largest number of codes that a point reads: integers up to here are exact in f32. */
export const LARGEST_SIZE = 2 ** 24;

export function curvesToValues(curves: readonly RecallCurve[]): Float32Array {
  const values = new Float32Array(CURVE_KS.length * CURVE_POINTS * CURVE_FIELDS);
  for (const [i, k] of CURVE_KS.entries()) {
    const points = curves.find((curve) => curve.k === k)?.points ?? [];
    for (const [j, { scan, rescore, recall }] of points.entries()) {
      values.set([scan, rescore, recall], (i * CURVE_POINTS + j) * CURVE_FIELDS);
    }
  }
  return values;
}

export function curvesFromValues(values: Float32Array): RecallCurve[] {
  return CURVE_KS.map((k, i) => {
    const points: RecallPoint[] = [];
    for (let j = 0; j < CURVE_POINTS; j++) {
      const at = (i * CURVE_POINTS + j) * CURVE_FIELDS;
      const [scan, rescore, recall] = values.subarray(at, at + CURVE_FIELDS) as unknown as [number, number, number];
      if (scan > 0) points.push({ scan, rescore, recall });
    }
    return { k, points };
  });
}

/** Returns the index of the first value that a file must not have, or −1. */
export function firstWrongCurveValue(values: Float32Array): number {
  const isSize = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= LARGEST_SIZE;
  for (let curve = 0; curve < CURVE_KS.length; curve++) {
    let [before, ended] = [0, false];
    for (let point = 0; point < CURVE_POINTS; point++) {
      const at = (curve * CURVE_POINTS + point) * CURVE_FIELDS;
      const [scan, rescore, recall, rest] = values.subarray(at, at + CURVE_FIELDS) as unknown as number[];
      ended ||= scan === 0;
      if (ended) {
        const wrong = [scan, rescore, recall, rest].findIndex((value) => !Object.is(value, 0));
        if (wrong >= 0) return at + wrong;
        continue;
      }
      if (!isSize(scan as number)) return at;
      if (!isSize(rescore as number)) return at + 1;
      if (!((recall as number) > before && (recall as number) <= 1)) return at + 2;
      if (!Object.is(rest, 0)) return at + 3;
      before = recall as number;
    }
  }
  return -1;
}

/** Returns the largest recall of the 10 best classes that the curves promise, 0 if nothing was measured. */
export const highestRecall = (curves: readonly RecallCurve[]): number => curves[0]?.points.at(-1)?.recall ?? 0;

/**
 * Finds the point with the least work that reaches `recall` for the k best classes. Undefined if there is none. Beyond the
 * largest k of a curve both sizes grow with k, or with `growsScan: false` the rows to rescore alone. Where outliers are most of the
 * best classes, the fewest rows reach the recall, which says nothing about more classes: .70 of 500 were found for .95. So growth
 * begins at a point with more rows than k.
 */
export function choosePoint(
  curves: readonly RecallCurve[],
  k: number,
  recall: number,
  { growsScan }: { readonly growsScan: boolean } = { growsScan: true },
): RecallPoint | undefined {
  const curve = curves.find((candidate) => candidate.k >= k) ?? curves.at(-1);
  if (curve === undefined) return undefined;
  const times = Math.max(1, k / curve.k);
  const least = growsScan && times > 1 ? curve.k + 1 : 0;
  const point = curve.points.find((candidate) => candidate.recall >= recall && candidate.rescore >= least);
  if (point === undefined) return undefined;
  return {
    ...point,
    scan: Math.ceil(point.scan * (growsScan ? times : 1)),
    rescore: Math.ceil(point.rescore * times),
  };
}
