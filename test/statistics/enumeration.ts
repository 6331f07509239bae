import type { Bucket, StoredIndex } from "../fixtures/stored-index.ts";
import type { TiltPath } from "../reference/mass-units.ts";

// Enumerates what the tables of an index give for a query: every class is visited, in f64 and plain loops.

/** The bucket of an outlier. */
const NONE = -1;

/** Arrays are by class id. */
export interface Enumeration {
  /** Exact logit of the stored row. */
  readonly scores: Float64Array;
  /** The logarithm of π_i g_b e^{s_b}, with the class's stored share of w_b for π_i / w_b. An outlier's is its logit. */
  readonly logMasses: Float64Array;
  /** The index of the class's bucket, NONE of an outlier. */
  readonly buckets: Int32Array;
  /** The logarithm of w_b g_b e^{s_b}, by bucket. */
  readonly bucketLogMasses: Float64Array;
  /** max(|s_b|, |log w_b|) over all buckets. Rounding errors grow with it. */
  readonly magnitude: number;
  /** Half the variance of the residual logits over T that the dispersions lead one to expect, by bucket. */
  readonly halfVariances: Float64Array;
}

/** The conditions of an enumeration. */
interface Conditions {
  readonly temperature?: number;
  /** How the kernels put tilts into masses, which they decide for each call (tiltPathOf in open.ts). */
  readonly tilts?: TiltPath;
}

/** Enumerates an index. Scores are not divided by the temperature, masses are, and the index must be weighed for it. */
export function enumerate(
  index: StoredIndex,
  given: ArrayLike<number>,
  { temperature = 1, tilts = "factors" }: Conditions = {},
): Enumeration {
  const query = index.metric === "cosine" ? atUnitLength(given) : Array.from(given);
  const score = index.rowScales ? fixedPointScore(query, index.rowScales) : (row: readonly number[]) => dot(query, row);
  const scoreAt = (p: number): number => score(index.rows[p] as readonly number[], p) + (index.bias?.[p] ?? 0);

  const scores = new Float64Array(index.itemCount);
  const logMasses = new Float64Array(index.itemCount).fill(Number.NEGATIVE_INFINITY);
  const buckets = new Int32Array(index.itemCount).fill(NONE);
  const { subScores, magnitude } = quantise(index, query, temperature);
  const halfVariances = halfVariancesOf(index, query, temperature);
  const logTilts = halfVariances.map((halfVariance) => logTilt(halfVariance, tilts));
  const bucketLogMasses = subScores.map((s, b) => s + (index.buckets[b] as Bucket).logWeight + (logTilts[b] as number));
  for (const [b, { begin, end, widths }] of index.buckets.entries()) {
    for (let p = begin; p < end; p++) {
      const id = index.ids[p] as number;
      scores[id] = scoreAt(p);
      logMasses[id] = (bucketLogMasses[b] as number) + Math.log((widths[p - begin] as number) / 2 ** 31);
      buckets[id] = b;
    }
  }
  for (let p = index.buckets.at(-1)?.end ?? 0; p < index.itemCount; p++) scores[index.ids[p] as number] = scoreAt(p);
  for (const p of index.outliers) logMasses[index.ids[p] as number] = scoreAt(p) / temperature;
  return { scores, logMasses, buckets, bucketLogMasses, magnitude, halfVariances };
}

/** Whether a class is scored in a head of these buckets. Outliers are in every head. */
export const inHead = ({ buckets }: Enumeration, head: ReadonlySet<number>, id: number): boolean =>
  buckets[id] === NONE || head.has(buckets[id] as number);

/** log Q of every class, and log S′, when the buckets of `head` are scored exactly (docs/method.md, 3). */
export function proposal(
  e: Enumeration,
  head: ReadonlySet<number>,
  temperature = 1,
): { logQ: Float64Array; logTotal: number } {
  const takesPart = (id: number): boolean => e.logMasses[id] !== Number.NEGATIVE_INFINITY;
  const isExact = (id: number): boolean => inHead(e, head, id) && takesPart(id);
  const masses = e.scores.map((score, id) => (isExact(id) ? score / temperature : (e.logMasses[id] as number)));
  const exact = masses.filter((_, id) => isExact(id));
  const tail = e.bucketLogMasses.filter((mass, b) => !head.has(b) && mass !== Number.NEGATIVE_INFINITY);
  const logTotal = logSumExp([...exact, ...tail]);
  const logQ = masses.map((mass) => (mass === Number.NEGATIVE_INFINITY ? mass : mass - logTotal));
  return { logQ, logTotal };
}

/** s_b of every bucket. */
function quantise(
  { codebook1, codebook2, firstEnd, secondFrom, buckets }: StoredIndex,
  query: readonly number[],
  temperature: number,
): { subScores: Float64Array; magnitude: number } {
  const firstScores = codebook1.map((codeword) => dot(query.slice(0, firstEnd), codeword));
  const secondScores = codebook2.map((codeword) => dot(query.slice(secondFrom), codeword));
  const subScores = Float64Array.from(
    buckets,
    ({ first, second }) => ((firstScores[first] as number) + (secondScores[second] as number)) / temperature,
  );
  const sizes = buckets.map(({ logWeight }, b) =>
    Math.max(Math.abs(subScores[b] as number), Number.isFinite(logWeight) ? Math.abs(logWeight) : 0),
  );
  return { subScores, magnitude: Math.max(0, ...sizes) };
}

/**
 * σ_b² / 2 of every bucket, with σ_b² = m_b / (D T²) times the query's square, of which the part along a direction counts
 * 1 + (the direction's square) times, and all in such a measure that the mean over D dimensions is 1
 * (assembly/tilt.ts). 0 without dispersions.
 */
function halfVariancesOf(index: StoredIndex, query: readonly number[], temperature: number): Float64Array {
  const { dispersion, dim, buckets } = index;
  if (!dispersion) return new Float64Array(buckets.length);
  const excess = dispersion.directions.reduce((sum, direction) => sum + dot(direction, direction), 0);
  const along = dispersion.directions.reduce((sum, direction) => sum + dot(query, direction) ** 2, 0);
  const spread = Math.max(0, 1 - excess / dim) * dot(query, query) + along;
  const inverse = Math.fround(1 / temperature);
  return Float64Array.from(buckets, (_, b) => {
    return (0.5 * spread * inverse * inverse * (dispersion.buckets[b] as number)) / dim;
  });
}

/** Largest log g_b. */
const MOST_TILT = 4;

/** Tilts as factors are rounded to this part of an exponent. So are those of the kernels, but in f32. */
export const TILT_STEP = 2 ** -15;

/**
 * log g_b of σ_b² / 2, at most MOST_TILT. As a logarithm it is exact, as a factor a power of two, linear between whole
 * exponents and rounded.
 */
export function logTilt(halfVariance: number, tilts: TiltPath): number {
  if (tilts === "none") return 0;
  const tilt = Math.min(halfVariance, MOST_TILT);
  if (tilts === "logs") return tilt;
  const exponent = Math.round((tilt * Math.LOG2E) / TILT_STEP) * TILT_STEP;
  const whole = Math.floor(exponent);
  return whole * Math.LN2 + Math.log1p(exponent - whole);
}

/** -Infinity for no values. */
export function logSumExp(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const top = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return all.length > 0 ? top + Math.log(all.reduce((sum, value) => sum + Math.exp(value - top), 0)) : top;
}

/** The inner product over the values of the query. What the row has beyond them is padding. */
const dot = (query: readonly number[], row: readonly number[]): number =>
  query.reduce((sum, value, d) => sum + value * (row[d] as number), 0);

/**
 * Scores an int8 row against the query in fixed point: z̃ is the nearest integer to z · scale with |z̃| ≤ 32767, and
 * the score is row scale · (z̃ · codes) / scale (assembly/query.ts; 127 · Σ|z̃| < 2³¹ limits it from about 516
 * dimensions on).
 */
function fixedPointScore(
  query: readonly number[],
  scales: Float32Array,
): (row: readonly number[], p: number) => number {
  const largest = Math.max(...query.map(Math.abs));
  const scale = largest > 0 ? 32767 / largest : 0;
  const fixed = query.map((value) => nearestEven(value * scale));
  const step = scale > 0 ? 1 / scale : 0;
  return (row, p) => dot(fixed, row) * (scales[p] as number) * step;
}

function nearestEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Scales to unit length, rounded to f32 as the kernels keep it. Zeros stay zeros. */
export function atUnitLength(query: ArrayLike<number>): number[] {
  const square = Array.from(query).reduce((sum, value) => sum + value * value, 0);
  const inverse = square > 0 ? 1 / Math.sqrt(square) : 0;
  return Array.from(query, (value) => Math.fround(value * inverse));
}
