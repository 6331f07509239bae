import { DISPERSION_DIRECTIONS } from "../../abi.ts";

/** Passes of the subspace iteration. Later ones change the variance of a query's products by less than a hundredth. */
const PASSES = 8;
/** The vectors that are multiplied side by side. */
const LANES = 4;
/** Rows of up to so many values are summed once, by pairs of values. With longer ones all passes over the rows take less time. */
const MOST_PAIRED = 512;

/**
 * Finds the directions in which residuals, f32 (rows, dim), vary most, by subspace iteration. Returns f32
 * (DISPERSION_DIRECTIONS, dim): each direction times √(λ − λ̄), where λ is its variance and λ̄ the mean variance of the
 * directions orthogonal to all of them, in units in which the mean variance of all is 1. Then the product of a residual
 * with a query z has the variance (λ̄ ‖z‖² + Σ (row · z)²) m / dim, with m the mean squared residual. Rows are zero where
 * dim is smaller, and where no direction stands out.
 */
export function principalDirections(residuals: Float32Array, dim: number): Float32Array {
  const result = new Float32Array(DISPERSION_DIRECTIONS * dim);
  const count = Math.min(DISPERSION_DIRECTIONS, dim - 1);
  let total = 0;
  for (const value of residuals) total += value * value;
  if (!(total > 0) || count < 1) return result;
  const pairs = dim <= MOST_PAIRED ? pairSums(residuals, dim) : undefined;
  let basis = startBasis(count, dim);
  const variances = new Float64Array(count);
  for (let pass = 0; pass < PASSES; pass++) {
    const image = pairs ? multiplyPairs(pairs, basis, dim) : multiply(residuals, basis, dim);
    for (let i = 0; i < count; i++) variances[i] = (dot(basis, i, image, i, dim) * dim) / total;
    if (pass === PASSES - 1) break;
    basis = orthonormal(image, count, dim);
  }
  const rest = (dim - variances.reduce((sum, value) => sum + value, 0)) / (dim - count);
  for (let i = 0; i < count; i++) {
    const scale = Math.sqrt(Math.max(0, (variances[i] as number) - rest));
    for (let d = 0; d < dim; d++) result[i * dim + d] = scale * (basis[i * dim + d] as number);
  }
  return result;
}

/**
 * Orthonormal vectors to start from: a fixed pattern without zeros or symmetries. Vectors of zeros behind them make their number a
 * multiple of LANES.
 */
function startBasis(count: number, dim: number): Float64Array {
  let state = 1;
  const values = new Float64Array(LANES * Math.ceil(count / LANES) * dim);
  for (let i = 0; i < count * dim; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 31;
  }
  return orthonormal(values, count, dim);
}

/** Returns the sums over the rows of the products of two of their values, f64 (dim, dim). */
function pairSums(residuals: Float32Array, dim: number): Float64Array {
  const sums = new Float64Array(dim * dim);
  // Four rows are added at a time, so that each sum is read and stored a quarter as often. Rows of zeros end the last four.
  const four = new Float32Array(LANES * dim);
  for (let row = 0; row < residuals.length; row += LANES * dim) {
    four.fill(0);
    four.set(residuals.subarray(row, row + LANES * dim));
    for (let i = 0; i < dim; i++) {
      const [a, b] = [four[i] as number, four[dim + i] as number];
      const [c, d] = [four[2 * dim + i] as number, four[3 * dim + i] as number];
      for (let j = i; j < dim; j++) {
        const first = a * (four[j] as number) + b * (four[dim + j] as number);
        const last = c * (four[2 * dim + j] as number) + d * (four[3 * dim + j] as number);
        sums[i * dim + j] = (sums[i * dim + j] as number) + first + last;
      }
    }
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) sums[i * dim + j] = sums[j * dim + i] as number;
  return sums;
}

/** Returns what `multiply` does, from the sums of the rows' pairs. */
function multiplyPairs(pairs: Float64Array, basis: Float64Array, dim: number): Float64Array {
  const image = new Float64Array(basis.length);
  for (let at = 0; at < basis.length; at++) image[at] = dot(pairs, at % dim, basis, Math.floor(at / dim), dim);
  return image;
}

/** Returns Σ r (r · b) over the residuals r for each vector b, whose number is a multiple of LANES. */
function multiply(residuals: Float32Array, basis: Float64Array, dim: number): Float64Array {
  const image = new Float64Array(basis.length);
  for (let row = 0; row < residuals.length; row += dim) {
    // Each sum waits for the one before it, so that four of them take the time of one.
    for (let a = 0; a < basis.length; a += LANES * dim) {
      const [b, c, d] = [a + dim, a + 2 * dim, a + 3 * dim];
      let [ofA, ofB, ofC, ofD] = [0, 0, 0, 0];
      for (let at = 0; at < dim; at++) {
        const value = residuals[row + at] as number;
        ofA += value * (basis[a + at] as number);
        ofB += value * (basis[b + at] as number);
        ofC += value * (basis[c + at] as number);
        ofD += value * (basis[d + at] as number);
      }
      for (let at = 0; at < dim; at++) {
        const value = residuals[row + at] as number;
        image[a + at] = (image[a + at] as number) + ofA * value;
        image[b + at] = (image[b + at] as number) + ofB * value;
        image[c + at] = (image[c + at] as number) + ofC * value;
        image[d + at] = (image[d + at] as number) + ofD * value;
      }
    }
  }
  return image;
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += (a[i * dim + d] as number) * (b[j * dim + d] as number);
  return sum;
}

/** Makes vectors orthonormal, one after the other (Gram and Schmidt). A vector that depends on those before it becomes 0. */
function orthonormal(vectors: Float64Array, count: number, dim: number): Float64Array {
  for (let i = 0; i < count; i++) {
    const before = dot(vectors, i, vectors, i, dim);
    for (let j = 0; j < i; j++) {
      const share = dot(vectors, i, vectors, j, dim);
      for (let d = 0; d < dim; d++) {
        vectors[i * dim + d] = (vectors[i * dim + d] as number) - share * (vectors[j * dim + d] as number);
      }
    }
    const square = dot(vectors, i, vectors, i, dim);
    const scale = square > before * 2 ** -40 ? 1 / Math.sqrt(square) : 0;
    for (let d = 0; d < dim; d++) vectors[i * dim + d] = scale * (vectors[i * dim + d] as number);
  }
  return vectors;
}
