import type { RowTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import { heldOutRows } from "./held-out-rows.ts";

// Means of rows lie where the rows differ most. A classifier's queries may lie elsewhere: a linear one tells a class from the
// others by the directions in which these differ least, (C + λ I)⁻¹ v for a class v and the covariance C of the rows (Fisher's
// linear discriminant). Where singular values of a table fall, codewords say little about such directions.

/** Rows that give the covariance. */
export const COVARIANCE_ROWS = 1024;

/** λ as a share of the mean variance of a value. A smaller one would follow the chance of the sample. */
const RIDGE = 0.01;

/**
 * More steps lead further from the rows, but tell less: with 64 of them, answers to discriminants of 768 values miss in 64 to 67 %
 * in place of 93 to 94 %.
 */
const STEPS = 16;
const REMAINDER = 2 ** -20;

/** Turns directions, f32 (n, D), into discriminants at unit length. The table is read once. */
export async function discriminate(directions: Float32Array, table: RowTable, yieldIfDue: YieldIfDue): Promise<void> {
  const { itemCount, dim } = table;
  const { queries: rows } = await heldOutRows(table, Math.min(itemCount, COVARIANCE_ROWS));
  const covariance = covarianceOf(rows, dim);
  if (covariance === undefined) return;
  for (let start = 0; start < directions.length; start += dim) {
    const turned = solve(covariance, Float64Array.from(directions.subarray(start, start + dim)));
    const length = Math.sqrt(dot(turned, turned));
    if (length > 0) directions.set(scaled(turned, 1 / length), start);
    await yieldIfDue();
  }
}

/** Returns (C + λ I) v. */
type Covariance = (v: Float64Array) => Float64Array;

/** Plans products with the covariance of rows, f32 (n, D), and its ridge. Undefined if the rows do not differ. */
function covarianceOf(rows: Float32Array, dim: number): Covariance | undefined {
  const count = rows.length / dim;
  const mean = new Float64Array(dim);
  for (let i = 0; i < rows.length; i++) mean[i % dim] = (mean[i % dim] as number) + (rows[i] as number) / count;
  const centred = Float64Array.from(rows, (value, i) => value - (mean[i % dim] as number));
  const ridge = (RIDGE * dot(centred, centred)) / rows.length;
  if (!(ridge > 0)) return undefined;
  return (v) => {
    const product = scaled(v, ridge);
    for (let start = 0; start < centred.length; start += dim) {
      let along = 0;
      for (let d = 0; d < dim; d++) along += (centred[start + d] as number) * (v[d] as number);
      along /= count;
      for (let d = 0; d < dim; d++) product[d] = (product[d] as number) + along * (centred[start + d] as number);
    }
    return product;
  };
}

/** Solves A x = v for a positive definite A, by conjugate gradients. */
function solve(times: Covariance, v: Float64Array): Float64Array {
  const solution = new Float64Array(v.length);
  const rest = v.slice();
  let step: Float64Array = v.slice();
  let square = dot(rest, rest);
  const enough = REMAINDER * square;
  for (let i = 0; i < STEPS && square > enough; i++) {
    const product = times(step);
    const length = square / dot(step, product);
    for (let d = 0; d < v.length; d++) {
      solution[d] = (solution[d] as number) + length * (step[d] as number);
      rest[d] = (rest[d] as number) - length * (product[d] as number);
    }
    const before = square;
    square = dot(rest, rest);
    step = scaled(step, square / before);
    for (let d = 0; d < v.length; d++) step[d] = (step[d] as number) + (rest[d] as number);
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

const scaled = (v: Float64Array, by: number): Float64Array => v.map((value) => by * value);
