import type { StoredIndex } from "./stored-index.ts";

// Enumerates what the tables of an index give for a query: every class is visited, in f64 and plain loops.

/** Arrays are by class id. */
export interface Enumeration {
  /** Exact logit of the stored row. */
  readonly scores: Float64Array;
  /** The logarithm of π_i e^{s_b}, with the class's stored share of w_b for π_i / w_b. */
  readonly logMasses: Float64Array;
  /** The index of the class's bucket. */
  readonly buckets: Int32Array;
  /** The logarithm of w_b e^{s_b}, by bucket. */
  readonly bucketLogMasses: Float64Array;
  /** max(|s_b|, |log w_b|) over all buckets. Rounding errors grow with it. */
  readonly magnitude: number;
}

/** Enumerates an index. Scores are not divided by the temperature, masses are, and the index must be weighed for it. */
export function enumerate(index: StoredIndex, given: ArrayLike<number>, temperature = 1): Enumeration {
  const query = index.metric === "cosine" ? atUnitLength(given) : Array.from(given);
  const firstScores = index.codebook1.map((codeword) => dot(query.slice(0, index.firstEnd), codeword));
  const secondScores = index.codebook2.map((codeword) => dot(query.slice(index.secondFrom), codeword));
  const score = index.rowScales ? fixedPointScore(query, index.rowScales) : (row: readonly number[]) => dot(query, row);

  const scores = new Float64Array(index.itemCount);
  const logMasses = new Float64Array(index.itemCount);
  const buckets = new Int32Array(index.itemCount);
  const bucketLogMasses = new Float64Array(index.buckets.length);
  let magnitude = 0;
  for (const [b, { first, second, begin, end, logWeight, widths }] of index.buckets.entries()) {
    const subScore = ((firstScores[first] as number) + (secondScores[second] as number)) / temperature;
    magnitude = Math.max(magnitude, Math.abs(subScore), Number.isFinite(logWeight) ? Math.abs(logWeight) : 0);
    bucketLogMasses[b] = subScore + logWeight;
    for (let p = begin; p < end; p++) {
      const id = index.ids[p] as number;
      scores[id] = score(index.rows[p] as readonly number[], p) + (index.bias?.[p] ?? 0);
      logMasses[id] = subScore + logWeight + Math.log((widths[p - begin] as number) / 2 ** 31);
      buckets[id] = b;
    }
  }
  return { scores, logMasses, buckets, bucketLogMasses, magnitude };
}

/** log Q of every class, and log S′, when the buckets of `head` are scored exactly (docs/method.md, 3). */
export function proposal(
  e: Enumeration,
  head: ReadonlySet<number>,
  temperature = 1,
): { logQ: Float64Array; logTotal: number } {
  const inHead = (id: number): boolean => head.has(e.buckets[id] as number);
  const takesPart = (id: number): boolean => e.logMasses[id] !== Number.NEGATIVE_INFINITY;
  const masses = e.scores.map((score, id) =>
    inHead(id) && takesPart(id) ? score / temperature : (e.logMasses[id] as number),
  );
  const exact = masses.filter((_, id) => inHead(id) && takesPart(id));
  const tail = e.bucketLogMasses.filter((mass, b) => !head.has(b) && mass !== Number.NEGATIVE_INFINITY);
  const logTotal = logSumExp([...exact, ...tail]);
  const logQ = masses.map((mass) => (mass === Number.NEGATIVE_INFINITY ? mass : mass - logTotal));
  return { logQ, logTotal };
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
function atUnitLength(query: ArrayLike<number>): number[] {
  const square = Array.from(query).reduce((sum, value) => sum + value * value, 0);
  const inverse = square > 0 ? 1 / Math.sqrt(square) : 0;
  return Array.from(query, (value) => Math.fround(value * inverse));
}
