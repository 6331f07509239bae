import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { BlockPass } from "./block-visits.ts";

/** The sums that one walk over the rows finds for a codebook. */
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

/** The codewords that Lloyd's algorithm ended with. */
export interface Clustering {
  /** f32 (codewordCount, dim). */
  readonly codebook: Float32Array;
  /** Σ weight · squared distance to the nearest codeword, of this very codebook. */
  readonly inertia: number;
  /** Nearest codeword of each row. */
  readonly codes: Uint16Array;
}

export interface LloydOptions {
  /** Updates of the codebook; there is one more pass than updates. */
  readonly maxIterations: number;
  /** It stops when an update gains less than this share of the inertia. */
  readonly smallestGain: number;
  /** After each pass, with the inertia of the codebook that went in. */
  readonly onPass?: (iteration: number, inertia: number) => void;
}

/**
 * Lloyd's algorithm from the codewords `start` on. It yields each codebook that it wants a pass of, and is given the pass:
 * so whoever runs it decides who looks at the rows, and whether the event loop runs in between.
 */
export function* lloyd(
  source: RowSource,
  arena: Arena,
  start: Float32Array,
  { maxIterations, smallestGain, onPass }: LloydOptions,
): Generator<Float32Array, Clustering, CodedPass> {
  let codebook = start;
  let pass = yield codebook;
  onPass?.(0, pass.inertia);
  for (let iteration = 1; iteration <= maxIterations && pass.inertia > 0; iteration++) {
    const previous = pass.inertia;
    const next = updateCodebook(source, arena.nest(), pass, codebook);
    const nextPass = yield next;
    onPass?.(iteration, nextPass.inertia);
    // Rounding can undo the last step's gain: keep the better codebook.
    if (!(nextPass.inertia < previous)) break;
    codebook = next;
    pass = nextPass;
    if (previous - pass.inertia < smallestGain * previous) break;
  }
  return { codebook, inertia: pass.inertia, codes: pass.codes };
}

/**
 * Adds up the blocks of a pass, in order. Sums are f64, from left to right inside blocks of BLOCK_ROWS and then block by
 * block, so they depend neither on how rows arrive nor on who looked at them.
 */
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
  for (const [k, mass] of pass.masses.entries()) {
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
