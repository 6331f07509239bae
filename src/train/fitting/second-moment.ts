import type { Interruptible } from "../runtime/event-loop.ts";

/** Share of the mean variance that is added to the second moment in every direction, so that it is invertible. */
const SHRINKAGE = 1e-3;

/**
 * Computes L with L Lᵀ = E[z zᵀ] + ε·I over columns `from` … `to` − 1 of the queries, f32 (n, dim). L is a lower triangle,
 * f64 (size, size). The squared distance of Lᵀv and Lᵀw is (v − w)ᵀ E[z zᵀ] (v − w), up to the shrinkage.
 */
export function* momentRoot(queries: Float32Array, dim: number, from: number, to: number): Interruptible<Float64Array> {
  const size = to - from;
  const count = queries.length / dim;
  const moment = new Float64Array(size * size);
  for (let q = 0; q < count; q++) {
    for (let i = 0; i < size; i++) {
      const value = queries[q * dim + from + i] as number;
      for (let j = 0; j <= i; j++) {
        moment[i * size + j] = (moment[i * size + j] as number) + value * (queries[q * dim + from + j] as number);
      }
    }
    yield;
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += moment[i * size + i] as number;
  const shrunk = trace > 0 ? (SHRINKAGE * trace) / size : 1;
  for (let i = 0; i < size; i++) moment[i * size + i] = (moment[i * size + i] as number) + shrunk;
  for (let i = 0; i < moment.length; i++) moment[i] = (moment[i] as number) / Math.max(1, count);
  return yield* cholesky(moment, size);
}

/** Factorises the lower triangle in place and sets the values above it to 0. */
function* cholesky(matrix: Float64Array, size: number): Interruptible<Float64Array> {
  const at = (i: number, j: number): number => matrix[i * size + j] as number;
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / at(j, j);
    }
    for (let i = 0; i < j; i++) matrix[i * size + j] = 0;
    yield;
  }
  return matrix;
}

/** Computes Lᵀ v for vectors, (count, size). */
export function intoMetric(root: Float64Array, vectors: Float32Array, size: number): Float32Array {
  const out = new Float32Array(vectors.length);
  for (let first = 0; first < vectors.length; first += size) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let i = j; i < size; i++) sum += (root[i * size + j] as number) * (vectors[first + i] as number);
      out[first + j] = sum;
    }
  }
  return out;
}

/** Computes L⁻ᵀ v for vectors, (count, size). */
export function outOfMetric(root: Float64Array, vectors: Float32Array, size: number): Float32Array {
  const out = new Float32Array(vectors.length);
  const solved = new Float64Array(size);
  for (let first = 0; first < vectors.length; first += size) {
    for (let j = size - 1; j >= 0; j--) {
      let sum = vectors[first + j] as number;
      for (let i = j + 1; i < size; i++) sum -= (root[i * size + j] as number) * (solved[i] as number);
      solved[j] = sum / (root[j * size + j] as number);
    }
    out.set(solved, first);
  }
  return out;
}
