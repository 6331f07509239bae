import type { StoredIndex } from "../fixtures/stored-index.ts";
import { type estimateOfDraws, sum, varianceOf } from "./drawn-estimate.ts";
import { atUnitLength, type Enumeration, logTilt } from "./enumeration.ts";

// The error bars of files with dispersions (docs/method.md, section 4) in f64 and plain loops, at temperature 1 and without
// a calibration.

/** The least bar of a sampled answer, and the least rounding that an exact one mentions. */
export const LEAST_ERROR = 0.0005;

/** The largest logarithm of a tilt. */
const MOST_TILT = 4;

/** The bar of an answer from its draws and the dispersions of the tail, and the part of the model, both relative to Ẑ. */
export function dispersionBar(
  stored: StoredIndex,
  query: Float32Array,
  e: Enumeration,
  { head, logZ, headScores, tailMass, weights, estimate }: ReturnType<typeof estimateOfDraws>,
): { modelError: number; standardError: number } {
  const draws = weights.length;
  const momentOf = secondMoments(stored, e);
  const squares = Array.from(e.bucketLogMasses, (mass, b) => (head.has(b) ? 0 : Math.exp(mass - logZ) * momentOf(b)));
  const modelError = Math.sqrt((tailMass * Math.max(sum(squares) - tailMass, 0)) / draws) / estimate;
  if (draws < 2) return { modelError, standardError: Number.POSITIVE_INFINITY };
  const seen = (tailMass ** 2 * varianceOf(weights)) / draws / estimate ** 2;
  const rounding = roundingError(stored, query, Math.max(...headScores));
  return {
    modelError,
    standardError: Math.max(LEAST_ERROR, Math.sqrt(seen + modelError ** 2 / 2 + rounding ** 2)),
  };
}

/**
 * h_b of a bucket: e^(−2d) E e^(2t), t normal up to √(2 log N) σ. The kernels take exponentials as powers of two that are
 * linear between whole exponents. In a block of buckets where no limit is met, h_b is the tilt squared.
 */
function secondMoments(stored: StoredIndex, { halfVariances }: Enumeration): (bucket: number) => number {
  const limit = Math.sqrt(Math.log(Math.max(stored.itemCount, 2)) / 2);
  const blocks = blocksOf(stored);
  const largest = new Map<number, number>();
  for (const [bucket, block] of blocks.entries()) {
    largest.set(block, Math.max(largest.get(block) ?? 0, halfVariances[bucket] as number));
  }
  return (bucket) => {
    const half = halfVariances[bucket] as number;
    const isTame = 2 * (largest.get(blocks[bucket] as number) as number) <= Math.min(limit ** 2, 2 * MOST_TILT);
    if (isTame) return Math.exp(2 * logTilt(half, "factors"));
    const sigma = Math.sqrt(2 * half);
    const s = Math.min(sigma, limit);
    return linearExp(2 * s * (2 * sigma - s) - 2 * Math.min(half, MOST_TILT));
  };
}

/** The block of each bucket: eight quads of second codewords that a first codeword has buckets with (assembly/masses.ts). */
function blocksOf({ buckets }: StoredIndex): number[] {
  let [block, quads, group, quad] = [-1, 0, -1, -1];
  return buckets.map(({ first, second }) => {
    if (first !== group) [group, quad, quads] = [first, -1, 8];
    if (second >> 2 !== quad) {
      quad = second >> 2;
      if (quads++ === 8) [block, quads] = [block + 1, 1];
    }
    return block;
  });
}

/** e^x with 2^(x / ln 2) linear between whole exponents. */
function linearExp(x: number): number {
  const exponent = x * Math.LOG2E;
  const whole = Math.floor(exponent);
  return 2 ** whole * (1 + exponent - whole);
}

/**
 * What rounding leaves of log Z: 2⁻²² of the largest score of the head, and for int8 rows a step of the 16-bit query over
 * √12 times the norm of the longest row.
 */
export function roundingError({ rows, rowScales, metric }: StoredIndex, given: Float32Array, largest: number): number {
  const inScores = Number.isFinite(largest) ? Math.abs(largest) * 2 ** -22 : 0;
  if (!rowScales) return inScores;
  const query = metric === "cosine" ? atUnitLength(given) : Array.from(given);
  const step = Math.max(...query.map(Math.abs)) / 32767;
  const norms = rows.map((row, p) => (rowScales[p] as number) * Math.hypot(...row));
  return inScores + (step * Math.max(0, ...norms)) / Math.sqrt(12);
}
