import { MOST_TILT } from "../../abi.ts";
import { principalDirections } from "../codes/directions.ts";
import { bucketDispersions } from "../codes/dispersion.ts";
import type { Codes } from "../codes/encode.ts";
import { invertLists, moveBehind } from "../codes/inverted-lists.ts";
import { chooseOutliers, outlierLimit } from "../codes/outliers.ts";
import { startResidualSample } from "../codes/residual-sample.ts";
import { planSquares, takeResiduals } from "../codes/residuals.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import { placeBuckets, type ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";

/** The choices with which a build finishes the codebooks and codes of a fit. */
export interface Finish {
  /** The most classes that it takes out of their buckets. */
  readonly mostOutliers: number;
  /** The norm of a typical query, by which it chooses them. */
  readonly queryNorm: number;
}

/** Buckets as a finished index has them. */
export interface FinishedBuckets {
  readonly buckets: ResidentBuckets;
  readonly outlierCount: number;
  /** Puts the tilts of a query, f32 (dim), in place. */
  readonly tilt: (query: Float32Array) => void;
}

/** Buckets without outliers and tilts. */
export const untilted = (buckets: ResidentBuckets): FinishedBuckets => ({
  buckets,
  outlierCount: 0,
  tilt: () => undefined,
});

/** Chooses the outliers and the tilts of an index with these codebooks and codes as its build will, but for rounded rows. */
export function finishBuckets(
  { kernels, arena, classes }: FitTools,
  quantizer: Quantizer,
  codes: Codes,
  { mostOutliers, queryNorm }: Finish,
): FinishedBuckets {
  const { itemCount, dim, rowsPtr, biases } = classes;
  const rows = arena.f32(rowsPtr, itemCount * dim);
  const asGiven = { value: (row: number, d: number) => rows[row * dim + d] as number };
  const squares = new Float32Array(itemCount);
  takeResiduals(planSquares(quantizer)(rows, asGiven, codes.codes1, codes.codes2), squares, 0);
  const sample = startResidualSample(itemCount, quantizer);
  sample.add({ chunk: rows, ...codes });
  const directions = principalDirections(sample.residuals(), dim);
  const outliers = chooseOutliers({ squares, bias: biases, queryNorm }, outlierLimit(itemCount, mostOutliers));
  const { lists } = moveBehind(invertLists(codes, quantizer.codewordCount), outliers);
  const dispersions = bucketDispersions(lists, squares);
  const buckets = placeBuckets(kernels, arena, classes, quantizer.codewordCount, codes, lists);
  const { bucketCount, logTilts, logDensitiesPtr } = buckets;
  const untiltedDensities = arena.f32(logDensitiesPtr, bucketCount).slice();
  const evenShare = evenShareOf(directions, dim);
  const tilt = (query: Float32Array): void => {
    const rate = querySpread(directions, evenShare, query) / (2 * dim);
    const logDensities = arena.f32(logDensitiesPtr, bucketCount);
    for (let b = 0; b < dispersions.length; b++) {
      const logTilt = kernels.log64(tiltFactor(Math.min(MOST_TILT, rate * (dispersions[b] as number))));
      logTilts[b] = logTilt;
      logDensities[b] = (untiltedDensities[b] as number) + logTilt;
    }
  };
  return { buckets, outlierCount: outliers.length, tilt };
}

/** Returns the share of the variance of residuals that is the same in all directions. */
const evenShareOf = (directions: Float32Array, dim: number): number => Math.max(0, 1 - squareOf(directions) / dim);

/** Returns dim times the variance of a residual's product with the query, for residuals whose mean square is 1. */
function querySpread(directions: Float32Array, evenShare: number, query: Float32Array): number {
  let along = 0;
  for (let start = 0; start < directions.length; start += query.length) {
    let product = 0;
    for (const [d, value] of query.entries()) product += (directions[start + d] as number) * value;
    along += product * product;
  }
  return evenShare * squareOf(query) + along;
}

const squareOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);

/** Returns e^x as tilts of an index have it: linear between powers of two. */
function tiltFactor(x: number): number {
  const exponent = x * Math.LOG2E;
  const whole = Math.floor(exponent);
  return 2 ** whole * (1 + exponent - whole);
}
