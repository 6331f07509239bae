import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Pace } from "../runtime/pace.ts";
import type { BlockPass, Walk } from "./block-visits.ts";

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

export interface CodedPass extends Pass {
  /** Nearest codeword of each row. */
  readonly codes: Uint16Array;
}

/**
 * Sums are f64, from left to right inside blocks of BLOCK_ROWS and then block by block, so they depend neither on how
 * rows arrive nor on who looked at them.
 */
export async function passOver(
  walk: Walk,
  codebook: Float32Array,
  codewordCount: number,
  rowCount: number,
  pace: Pace,
): Promise<CodedPass> {
  const pass = startPass(codebook, codewordCount, rowCount);
  for await (const block of walk(codebook)) {
    pass.add(block);
    await pace(block.codes.length * codebook.length);
  }
  return pass.done();
}

/** Blocks in order. */
export function startPass(
  codebook: Float32Array,
  codewordCount: number,
  rowCount: number,
): { add(block: BlockPass): void; done(): CodedPass } {
  const codes = new Uint16Array(rowCount);
  const errors = new Float64Array(rowCount);
  const sums = new Float64Array(codebook.length);
  const masses = new Float64Array(codewordCount);
  let inertia = 0;
  let start = 0;
  return {
    add(block) {
      codes.set(block.codes, start);
      errors.set(block.errors, start);
      inertia += block.errors.reduce((sum, error) => sum + error, 0);
      addTo(sums, block.sums);
      addTo(masses, block.masses);
      start += block.codes.length;
    },
    done: () => ({ inertia, codes, errors, sums, masses }),
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
