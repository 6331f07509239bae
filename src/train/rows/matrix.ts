import { LIMIT_EXPONENT } from "../../abi.ts";
import { checkArray, isTypedArray, kindOf, MAGNITUDE_LIMIT, shown } from "../../checks/check.ts";
import type { RowType } from "../../format/facts.ts";
import { MAX_DIM } from "../../format/limits.ts";

/** A table of N rows of D values. */
export interface Matrix {
  /** f32 (N, D), row-major. Each value is finite and of magnitude at most 2^32, or 65,504 with row type f16. */
  readonly data: Float32Array;
  /** [N, D]: N below 2^31, D from 1 to 4,096. */
  readonly shape: readonly [number, number];
}

// Checks of matrices and vectors. A TypeError or RangeError names the argument, what was expected and what was given.

/** The limit for values of rows. Codewords and radii can be 4 √D ≤ 2⁸ times as large and must still fit into a file. */
const ROW_LIMIT = 2 ** (LIMIT_EXPONENT - 8);
const HALF_LIMIT = 65504;

/** Returns the largest magnitude that a value may have in rows of this type. */
export const rowLimit = (rows: RowType): number => (rows === "f16" ? HALF_LIMIT : ROW_LIMIT);

export function checkMatrix(matrix: Matrix): void {
  if (!Array.isArray(matrix?.shape)) {
    throw new TypeError(`"embeddings" expected { data, shape: [rows, values per row] }, got ${kindOf(matrix)}`);
  }
  const { data, shape } = matrix;
  const [itemCount, dim] = shape;
  if (shape.length !== 2) {
    throw new TypeError(
      `"shape" expected two numbers, [rows, values per row], got ${shape.length}: pass a table of rows`,
    );
  }
  checkFloats("data", data);
  checkShape(itemCount, dim);
  if (data.length !== itemCount * dim) {
    throw new RangeError(`"data" expected ${itemCount} × ${dim} = ${itemCount * dim} values, got ${data.length}`);
  }
}

export function checkFloats(name: string, values: Float32Array): void {
  if (!isTypedArray(values, "Float32Array"))
    throw new TypeError(`"${name}" expected a Float32Array, got ${kindOf(values)}`);
  checkArray(name, values, "values");
}

export function checkShape(itemCount: number, dim: number): void {
  if (!Number.isInteger(itemCount) || itemCount < 0 || itemCount >= 2 ** 31) {
    throw new RangeError(`"shape"[0] expected 0..2^31-1 rows, got ${shown(itemCount)}`);
  }
  if (!Number.isInteger(dim) || dim < 1 || dim > MAX_DIM) {
    throw new RangeError(`"shape"[1] expected 1..${MAX_DIM} values per row, got ${shown(dim)}`);
  }
}

/** Checks `count` numbers from `least` to 2^40, and returns them rounded to f32. */
export function checkVector(
  name: string,
  values: ArrayLike<number> | undefined,
  count: number,
  least: number,
): Float32Array | undefined {
  if (values === undefined) return undefined;
  checkArray(name, values, "numbers");
  if (values.length !== count) throw new RangeError(`"${name}" expected ${count} values, got ${values.length}`);
  const rounded = values instanceof Float32Array ? values : new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value: unknown = values[i];
    const isNumber = typeof value === "number";
    if (isNumber && rounded !== values) rounded[i] = value;
    if (isNumber && value >= least && Math.abs(rounded[i] as number) <= MAGNITUDE_LIMIT) continue;
    const range = least === 0 ? "a value from 0 to 2^40" : "a finite value of magnitude at most 2^40";
    throw new (isNumber ? RangeError : TypeError)(`"${name}"[${i}] expected ${range}, got ${shown(value)}`);
  }
  return rounded;
}

/** Checks queries, f32 (n, dim). */
export function checkQueries(queries: Float32Array | undefined, dim: number): void {
  if (queries === undefined) return;
  checkFloats("queries", queries);
  if (queries.length % dim !== 0) {
    throw new RangeError(`"queries" expected n × ${dim} values, got ${queries.length}`);
  }
  checkVector("queries", queries, queries.length, Number.NEGATIVE_INFINITY);
}

/** Returns the root mean square norm of queries, f32 (n, dim). Undefined without queries. */
export function rootMeanSquareNorm(queries: Float32Array | undefined, dim: number): number | undefined {
  if (queries === undefined || queries.length < dim) return undefined;
  let sum = 0;
  for (const value of queries) sum += value * value;
  return Math.sqrt((sum * dim) / queries.length);
}
