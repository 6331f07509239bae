// The exact answers in f64, from stored rows and the query as given. Nothing here calls a kernel.
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { median } from "../timing.ts";

/** Classes by row: what an index stores, and the biases that it was built with. */
export interface StoredClasses {
  readonly itemCount: number;
  readonly dim: number;
  readonly rows: Float32Array;
  readonly bias?: ArrayLike<number>;
}

/** The answers for one query. */
export interface Truth {
  /** log Z by temperature. */
  readonly logPartition: ReadonlyMap<number, number>;
  /** The largest logits, descending: as many as were asked for, or all. */
  readonly best: Float64Array;
}

const PIECE = 65_536;

export function storedClasses(index: MultiIndex, bias?: ArrayLike<number>): StoredClasses {
  const { itemCount, dim } = index.info;
  const rows = new Float32Array(itemCount * dim);
  for (let first = 0; first < itemCount; first += PIECE) {
    const ids = Int32Array.from({ length: Math.min(PIECE, itemCount - first) }, (_, i) => first + i);
    rows.set(index.rows(ids), first * dim);
  }
  return { itemCount, dim, rows, ...(bias && { bias }) };
}

/** f64 logits by class. The index must not be one for cosine. */
export function logitsOf({ itemCount, dim, rows, bias }: StoredClasses, query: ArrayLike<number>): Float64Array {
  const z = Float64Array.from(query);
  const logits = new Float64Array(itemCount);
  for (let id = 0, i = 0; id < itemCount; id++) {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += (z[d] as number) * (rows[i++] as number);
    logits[id] = sum + (bias?.[id] ?? 0);
  }
  return logits;
}

export function truthOf(logits: Float64Array, temperatures: readonly number[], most: number): Truth {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const logPartition = new Map(temperatures.map((t) => [t, logSumExp(logits, largest, t)]));
  return { logPartition, best: largestOf(logits, most) };
}

/** Returns the median over queries of the share of Z in the best classes that their truths hold, at temperature 1. */
export const likeliestShareOf = (truths: readonly Truth[]): number =>
  median(
    truths.map(({ best, logPartition }) =>
      best.reduce((sum, logit) => sum + Math.exp(logit - (logPartition.get(1) as number)), 0),
    ),
  );

/** Terms below e^−60 of the largest add less than f64 holds, even if there were a million of them. */
const NEGLIGIBLE = -60;

function logSumExp(logits: Float64Array, largest: number, temperature: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const x = ((logits[i] as number) - largest) / temperature;
    if (x > NEGLIGIBLE) sum += Math.exp(x);
  }
  return largest / temperature + Math.log(sum);
}

/** Returns the `count` largest values, descending. A sample tells which are worth sorting. */
export function largestOf(values: Float64Array, count: number): Float64Array {
  const wanted = Math.min(count, values.length);
  const step = Math.max(1, Math.floor(values.length / 20_000));
  const sample = values.filter((_, i) => i % step === 0).sort();
  const rank = Math.min(sample.length, Math.ceil((2 * wanted) / step) + 20);
  const least = sample[sample.length - rank] as number;
  let candidates = values.filter((value) => value >= least);
  if (candidates.length < wanted) candidates = values.slice();
  return candidates.sort().reverse().subarray(0, wanted);
}
