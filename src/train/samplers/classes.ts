import { checkCount, MAGNITUDE_LIMIT, shown } from "../../checks/check.ts";
import { copyIds } from "../../index/copied-arguments.ts";
import { checkFloats, checkShape, checkVector, rowLimit } from "../rows/matrix.ts";

/** The classes that samplers draw from. */
export interface Classes {
  /** f32 (N, dim): the vector of each class. */
  readonly rows: Float32Array;
  /** f32 (N), N ≥ 1: the bias of each class. Its length is the number of classes. */
  readonly biases: Float32Array;
  /**
   * N counts ≥ 0: the number of times each class is a positive. "midx" weighs rows by their square root. "unigram",
   * "log-uniform", "in-batch" and "midx" with a `unigramShare` require them.
   */
  readonly counts?: ArrayLike<number>;
}

/** Returns the number of values per row. Throws a TypeError or RangeError where rows and biases do not fit together. */
export function dimOf({ rows, biases }: Classes): number {
  checkFloats("rows", rows);
  checkFloats("biases", biases);
  const itemCount = biases.length;
  if (itemCount === 0) throw new RangeError('"biases" expected at least one class, got none');
  const dim = rows.length / itemCount;
  if (!Number.isInteger(dim)) throw new RangeError(`"rows" expected ${itemCount} × dim values, got ${rows.length}`);
  checkShape(itemCount, dim);
  return dim;
}

/**
 * Throws a TypeError or RangeError for rows and biases of another shape or with values that an index cannot store, as a
 * training that diverges produces them.
 */
export function checkClasses(rows: Float32Array, biases: Float32Array, itemCount: number, dim: number): void {
  checkFloats("rows", rows);
  checkFloats("biases", biases);
  if (rows.length !== itemCount * dim) {
    throw new RangeError(`"rows" expected ${itemCount} × ${dim} values, got ${rows.length}`);
  }
  if (biases.length !== itemCount) throw new RangeError(`"biases" expected ${itemCount} values, got ${biases.length}`);
  checkValues("rows", rows, rowLimit("f32"));
  checkValues("biases", biases, MAGNITUDE_LIMIT);
}

function checkValues(name: string, values: Float32Array, limit: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i] as number) <= limit) continue;
    throw new RangeError(`"${name}"[${i}] expected a finite value of magnitude at most ${limit}, got ${values[i]}`);
  }
}

/** Returns the counts. The sampler `name` requires them. */
export function neededCounts(name: string, { counts, biases }: Classes): Float32Array {
  const checked = checkVector("counts", counts, biases.length, 0);
  if (checked === undefined) throw new RangeError(`"counts" expected ${biases.length} values for ${name}, got none`);
  return checked;
}

/** Returns the excluded classes. Throws a RangeError for an id that is not a class and where no class is left. */
export function readExcluded(excluded: ArrayLike<number>, itemCount: number): ReadonlySet<number> {
  const excludedIds = new Set(copyIds("excluded", excluded, itemCount));
  if (excludedIds.size < itemCount) return excludedIds;
  throw new RangeError(`"excluded" expected fewer than all ${itemCount} classes, got ${excludedIds.size}`);
}

export function checkQuery(query: Float32Array, dim: number): void {
  checkFloats("query", query);
  if (query.length !== dim) throw new RangeError(`"query" expected ${dim} values, got ${query.length}`);
}

/** Draws of one call take some 20 bytes each, and those by hashing hundreds of microseconds. */
const MOST_DRAWS = 2 ** 24;

export function checkDraw(query: Float32Array, dim: number, count: number, seed: bigint): void {
  checkQuery(query, dim);
  checkCount("count", count, MOST_DRAWS, "2^24 draws of a call");
  if (typeof seed !== "bigint") throw new TypeError(`"seed" expected a bigint, such as 1n, got ${shown(seed)}`);
}
