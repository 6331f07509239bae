import type { Arena } from "./arena.ts";
import { planAssignment } from "./assignment.ts";
import type { TrainKernels } from "./kernels.ts";
import type { Pace } from "./pace.ts";
import { BLOCK_ROWS, type RowSource } from "./row-source.ts";

/** What one walk over the rows finds for a codebook. */
export interface Pass {
  /** Σ weight · squared distance to the nearest codeword. */
  readonly inertia: number;
  /** Weighted squared distance of each row. */
  readonly errors: Float64Array;
  /** Σ weight · row of each codeword's rows: (codewordCount, dim). */
  readonly sums: Float64Array;
  /** Σ weight of each codeword's rows. */
  readonly masses: Float64Array;
}

/**
 * Plans the regions of Lloyd's algorithm and returns its walk over the rows. Sums are f64, from left to right inside
 * blocks of BLOCK_ROWS and then block by block, so they do not depend on how rows arrive.
 */
export function planPasses(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  weights: Float64Array,
  codewordCount: number,
): (codebook: Float32Array, pace: Pace) => Promise<Pass> {
  const { rowCount, dim } = source;
  const assignment = planAssignment(kernels, arena, codewordCount, dim);
  const { codebookPtr, codesPtr } = assignment;
  const rowsPtr = arena.take(BLOCK_ROWS * dim * 4);
  const weightsPtr = arena.take(BLOCK_ROWS * 8);
  const errorsPtr = arena.take(BLOCK_ROWS * 4);
  const sumsPtr = arena.take(codewordCount * dim * 8);
  const massesPtr = arena.take(codewordCount * 8);

  return async (codebook, pace) => {
    const errors = new Float64Array(rowCount);
    const sums = new Float64Array(codewordCount * dim);
    const masses = new Float64Array(codewordCount);
    let inertia = 0;
    assignment.setCodebook(codebook);
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rowCount - start);
      source.load(start, count, rowsPtr);
      assignment.assign(rowsPtr, count);

      kernels.squaredErrors(rowsPtr, codebookPtr, codesPtr, count, dim, errorsPtr);
      const blockErrors = arena.f32(errorsPtr, count);
      let blockInertia = 0;
      for (let i = 0; i < count; i++) {
        const error = (weights[start + i] as number) * (blockErrors[i] as number);
        errors[start + i] = error;
        blockInertia += error;
      }
      inertia += blockInertia;

      arena.f64(weightsPtr, count).set(weights.subarray(start, start + count));
      const blockSums = arena.f64(sumsPtr, codewordCount * dim).fill(0);
      const blockMasses = arena.f64(massesPtr, codewordCount).fill(0);
      kernels.addRows(rowsPtr, codesPtr, weightsPtr, count, dim, sumsPtr, massesPtr);
      addTo(sums, blockSums);
      addTo(masses, blockMasses);
      await pace(count * codewordCount * dim);
    }
    return { inertia, errors, sums, masses };
  };
}

function addTo(totals: Float64Array, terms: Float64Array): void {
  for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] as number) + (terms[i] as number);
}

/**
 * The next codebook: weighted means, and for each codeword without mass, in ascending order, the row with the largest
 * weighted error that no other took (ties to the lower row). A codeword that moves there served no row, so inertia can
 * only fall. Where no row has an error left, codewords without mass stay where they are.
 */
export function updateCodebook(source: RowSource, arena: Arena, pass: Pass, codebook: Float32Array): Float32Array {
  const { dim } = source;
  const next = codebook.slice();
  const unused: number[] = [];
  for (let k = 0; k < pass.masses.length; k++) {
    const mass = pass.masses[k] as number;
    if (mass > 0) for (let d = 0; d < dim; d++) next[k * dim + d] = (pass.sums[k * dim + d] as number) / mass;
    else unused.push(k);
  }
  const errors = pass.errors.slice();
  const rowPtr = arena.take(dim * 4);
  for (const k of unused) {
    const row = largest(errors);
    if (row < 0) break;
    errors[row] = 0;
    source.load(row, 1, rowPtr);
    next.set(arena.f32(rowPtr, dim), k * dim);
  }
  return next;
}

/** Index of the largest positive value, the lower of equals; −1 when there is none. */
function largest(values: Float64Array): number {
  let best = -1;
  let value = 0;
  for (let i = 0; i < values.length; i++) {
    if ((values[i] as number) <= value) continue;
    value = values[i] as number;
    best = i;
  }
  return best;
}
