import { checkInteger, shown } from "../../checks/check.ts";
import { MAX_BITS } from "../../format/limits.ts";
import type { Arena } from "../runtime/arena.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import type { PassTools } from "./parallel-pass.ts";

/** "rq" learns C1 on the rows and C2 on the residuals that C1 leaves. "pq" learns a codebook for each half of a row. */
export type QuantizerKind = "rq" | "pq";

export interface QuantizerOptions {
  readonly kind: QuantizerKind;
  /** log₂ of the number of codewords per codebook, 0 … 10. */
  readonly bits: number;
  /** The key of all random numbers, taken mod 2⁶⁴. */
  readonly seed: bigint;
  /** Runs of k-means per codebook, each from another seeding. Default 1. */
  readonly restarts?: number;
  /** Codebooks to start from in place of seeding: f32 (K, dim1) and (K, dim2). */
  readonly start?: { readonly codebook1: Float32Array; readonly codebook2: Float32Array };
  /** Most updates per restart. Default 25. */
  readonly maxIterations?: number;
  /** Share of the inertia that an update has to gain. Default 1e-4 where a pass is short. Long passes have a rule of their own. */
  readonly smallestGain?: number;
  /** Called with the passes over the sample that are done. Where k-means converges early, `done` jumps ahead. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** The memory to work in. Default: all of the instance's memory above `heapBase()`. */
  readonly arena?: Arena;
  /** Passes over the rows. Default: this thread does. */
  readonly pool?: WorkerPool<PassTools>;
}

export function checkQuantizerOptions(options: QuantizerOptions): void {
  const { kind, bits, seed, restarts = 1, maxIterations = 0 } = options;
  if (kind !== "rq" && kind !== "pq") throw new TypeError(`"kind" expected "rq" or "pq", got ${JSON.stringify(kind)}`);
  checkIntegerIn("bits", bits, 0, MAX_BITS);
  if (typeof seed !== "bigint") throw new TypeError(`"seed" expected a bigint, got ${typeof seed}`);
  checkIntegerIn("restarts", restarts, 1, 2 ** 16);
  checkIntegerIn("maxIterations", maxIterations, 0, 2 ** 16);
}

function checkIntegerIn(name: string, value: number, least: number, most: number): void {
  checkInteger(name, value);
  if (value < least || value > most) throw new RangeError(`"${name}" expected ${least} … ${most}, got ${value}`);
}

export function checkBits(bits: number): number {
  if (!Number.isInteger(bits) || bits < 0 || bits > MAX_BITS) {
    throw new RangeError(`"bits" expected an integer in 0..${MAX_BITS}, got ${shown(bits)}`);
  }
  return bits;
}

/** ⌊log₂ N / 2⌋ within 0 … 8, so that there are about as many buckets as classes. */
export function defaultBits(itemCount: number): number {
  let bits = 0;
  while (bits < 8 && 4 ** (bits + 1) <= itemCount) bits++;
  return bits;
}
