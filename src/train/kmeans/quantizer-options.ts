import { MAX_BITS } from "../../format/limits.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Crew } from "../runtime/crew.ts";
import type { WalkTools } from "./walk-together.ts";

/** "rq": C1 on the vectors, C2 on what C1 leaves. "pq": a codebook for each half of the vector. */
export type QuantizerKind = "rq" | "pq";

export interface QuantizerOptions {
  readonly kind: QuantizerKind;
  /** log₂ of the codewords per codebook, 0 … 10. */
  readonly bits: number;
  /** Key of all random numbers, mod 2⁶⁴. */
  readonly seed: bigint;
  /** Seedings tried per codebook. */
  readonly restarts?: number;
  /** Codebooks to go on from, f32 (K, dim1) and (K, dim2), in place of seedings. */
  readonly start?: { readonly codebook1: Float32Array; readonly codebook2: Float32Array };
  /** Updates per restart. */
  readonly maxIterations?: number;
  /** Share of the inertia that an update has to gain. Default: by the work of a pass. */
  readonly smallestGain?: number;
  /** `done` of `total` passes over the sample; converging early jumps ahead. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Where its memory begins. Default: all of the instance's. */
  readonly arena?: Arena;
  /** Who walks over the rows. Default: this thread. */
  readonly crew?: Crew<WalkTools>;
}

export function checkQuantizerOptions(options: QuantizerOptions): void {
  const { kind, bits, seed, restarts = 1, maxIterations = 0 } = options;
  if (kind !== "rq" && kind !== "pq") throw new TypeError(`"kind" expected "rq" or "pq", got ${JSON.stringify(kind)}`);
  checkInteger("bits", bits, 0, MAX_BITS);
  if (typeof seed !== "bigint") throw new TypeError(`"seed" expected a bigint, got ${typeof seed}`);
  checkInteger("restarts", restarts, 1, 2 ** 16);
  checkInteger("maxIterations", maxIterations, 0, 2 ** 16);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value)) throw new TypeError(`"${name}" expected an integer, got ${value}`);
  if (value < least || value > most) throw new RangeError(`"${name}" expected ${least} … ${most}, got ${value}`);
}

export function checkBits(bits: number): number {
  if (!Number.isInteger(bits) || bits < 0 || bits > MAX_BITS) {
    throw new RangeError(`"bits" expected an integer in 0..${MAX_BITS}, got ${bits}`);
  }
  return bits;
}

/** ⌊log₂ N / 2⌋ in 0 … 8: about as many buckets as classes. */
export function defaultBits(itemCount: number): number {
  let bits = 0;
  while (bits < 8 && 4 ** (bits + 1) <= itemCount) bits++;
  return bits;
}
