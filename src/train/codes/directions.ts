import { DISPERSION_DIRECTIONS } from "../../abi.ts";

/** Passes of the subspace iteration. Later ones change the variance of a query's products by less than a hundredth. */
const PASSES = 8;

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
  let basis = startBasis(count, dim);
  const variances = new Float64Array(count);
  for (let pass = 0; pass < PASSES; pass++) {
    const image = multiply(residuals, basis, dim);
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

/** Orthonormal vectors to start from: a fixed pattern without zeros or symmetries. */
function startBasis(count: number, dim: number): Float64Array {
  let state = 1;
  const values = Float64Array.from({ length: count * dim }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
  return orthonormal(values, count, dim);
}

/** Returns Σ r (r · b) over the residuals r for each vector b. */
function multiply(residuals: Float32Array, basis: Float64Array, dim: number): Float64Array {
  const image = new Float64Array(basis.length);
  for (let row = 0; row < residuals.length; row += dim) {
    for (let i = 0; i < basis.length; i += dim) {
      let product = 0;
      for (let d = 0; d < dim; d++) product += (residuals[row + d] as number) * (basis[i + d] as number);
      for (let d = 0; d < dim; d++) image[i + d] = (image[i + d] as number) + product * (residuals[row + d] as number);
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
