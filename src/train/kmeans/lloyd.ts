import { addTo } from "../arithmetic/add-to.ts";
import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { BlockPass } from "./block-passes.ts";

/** The sums of one pass over all rows with a codebook. */
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

/** The codewords that Lloyd's algorithm ends with. */
export interface Clustering {
  /** f32 (codewordCount, dim). */
  readonly codebook: Float32Array;
  /** Σ weight · squared distance to the nearest codeword of this codebook. */
  readonly inertia: number;
  /** Nearest codeword of each row. */
  readonly codes: Uint16Array;
}

export interface LloydOptions {
  /** Most updates of the codebook. There is one pass more than there are updates. */
  readonly maxIterations: number;
  /** The algorithm stops when an update gains less than this share of the inertia. */
  readonly smallestGain: number;
  /**
   * From the second update on, a codeword moves by this multiple of its way to the mean of its rows, between 1 and 2, which lowers
   * the inertia as well. Default 1.
   */
  readonly stretch?: number;
  /** Called after each pass with the inertia of the codebook it was made with. */
  readonly onPass?: (iteration: number, inertia: number) => void;
}

/** A run of Lloyd's algorithm: it yields the codebook that it needs a pass for, and receives the pass. */
export type Lloyd = Generator<Float32Array, Clustering, CodedPass>;

/**
 * Lloyd's algorithm, started from the codewords `start`. The caller computes the passes, with `runLloyd` or
 * `runLloydAsync`, so the algorithm is the same whether this thread passes over the rows or a pool does.
 */
export function* lloyd(
  source: RowSource,
  arena: Arena,
  start: Float32Array,
  { maxIterations, smallestGain, stretch = 1, onPass }: LloydOptions,
): Lloyd {
  let codebook = start;
  let pass = yield codebook;
  onPass?.(0, pass.inertia);
  for (let iteration = 1; iteration <= maxIterations && pass.inertia > 0; iteration++) {
    const previous = pass.inertia;
    const next = updateCodebook(source, arena.nest(), pass, codebook, iteration > 1 ? stretch : 1);
    const nextPass = yield next;
    onPass?.(iteration, nextPass.inertia);
    // Rounding can undo the gain of the last update, so the better codebook is kept.
    if (!(nextPass.inertia < previous)) break;
    codebook = next;
    pass = nextPass;
    if (previous - pass.inertia < smallestGain * previous) break;
  }
  return { codebook, inertia: pass.inertia, codes: pass.codes };
}

export function runLloyd(algorithm: Lloyd, computePass: (codebook: Float32Array) => CodedPass): Clustering {
  let step = algorithm.next();
  while (!step.done) step = algorithm.next(computePass(step.value));
  return step.value;
}

export async function runLloydAsync(
  algorithm: Lloyd,
  computePass: (codebook: Float32Array) => Promise<CodedPass>,
): Promise<Clustering> {
  let step = algorithm.next();
  while (!step.done) step = algorithm.next(await computePass(step.value));
  return step.value;
}

/**
 * Adds up the blocks of a pass, in order. Sums are f64, from left to right inside a block of BLOCK_ROWS and then block by
 * block. They depend neither on how the rows arrive nor on the thread that summed a block.
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
      let ofBlock = 0;
      for (const error of block.errors) ofBlock += error;
      inertia += ofBlock;
      addTo(sums, block.sums);
      addTo(masses, block.masses);
      start += block.codes.length;
    },
    done: () => ({ inertia, codes, errors, sums, masses }),
  };
}

/**
 * Returns the next codebook. A codeword with mass becomes the weighted mean of its rows, or moves by `stretch` times its way
 * there. Codewords without mass, in ascending order, each take the row with the largest weighted error that no other took, and
 * ties go to the lower row. Such a codeword was nearest to no row, so moving it can only lower the inertia. Where no row has an
 * error left, codewords without mass stay where they are.
 */
export function updateCodebook(
  source: RowSource,
  arena: Arena,
  pass: Pass,
  codebook: Float32Array,
  stretch = 1,
): Float32Array {
  const { dim } = source;
  const next = codebook.slice();
  const unused: number[] = [];
  for (const [k, mass] of pass.masses.entries()) {
    if (!(mass > 0)) {
      unused.push(k);
      continue;
    }
    for (let at = k * dim; at < (k + 1) * dim; at++) {
      const before = codebook[at] as number;
      const mean = (pass.sums[at] as number) / mass;
      next[at] = stretch === 1 ? mean : before + stretch * (mean - before);
    }
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

/** Returns the index of the largest positive value, the lower of equals, or −1 where there is none. */
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
