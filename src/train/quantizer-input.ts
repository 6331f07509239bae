import { MAX_BITS } from "../facts.ts";

/** "rq": C1 on the vectors, C2 on what C1 leaves. "pq": a codebook for each half of the vector. */
export type QuantizerKind = "rq" | "pq";

export interface QuantizerInput {
  /** f32 (itemCount, dim), row-major, finite, magnitudes at most 2⁴⁰. */
  readonly data: Float32Array;
  readonly itemCount: number;
  readonly dim: number;
  /** How much each row's squared error counts, ≥ 0; equal when absent. */
  readonly weights?: Float64Array | Float32Array;
}

export interface QuantizerOptions {
  readonly kind: QuantizerKind;
  /** log₂ of the codewords per codebook, 0 … 10. */
  readonly bits: number;
  /** Key of all random numbers, mod 2⁶⁴. */
  readonly seed: bigint;
  /** Seedings tried per codebook. */
  readonly restarts?: number;
  /** Updates per restart. */
  readonly maxIterations?: number;
  /** Expected rows of the training sample; all rows where there are no more. */
  readonly sampleRows?: number;
  /** `done` of `total` passes over the sample; converging early jumps ahead. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export function checkQuantizerInput({ data, itemCount, dim, weights }: QuantizerInput): void {
  checkInteger("itemCount", itemCount, 0, 2 ** 31 - 1);
  checkInteger("dim", dim, 1, 2 ** 16);
  if (data.length !== itemCount * dim) {
    throw new RangeError(`"data" expected ${itemCount} × ${dim} = ${itemCount * dim} values, got ${data.length}`);
  }
  if (weights === undefined) return;
  if (weights.length !== itemCount) {
    throw new RangeError(`"weights" expected ${itemCount} values, got ${weights.length}`);
  }
  for (let i = 0; i < itemCount; i++) {
    const weight = weights[i] as number;
    if (weight >= 0 && weight < Infinity) continue;
    throw new RangeError(`"weights" expected finite values of at least 0, got ${weight} at ${i}`);
  }
}

export function checkQuantizerOptions(options: QuantizerOptions): void {
  const { kind, bits, seed, restarts = 1, maxIterations = 0, sampleRows = 1 } = options;
  if (kind !== "rq" && kind !== "pq") throw new TypeError(`"kind" expected "rq" or "pq", got ${JSON.stringify(kind)}`);
  checkInteger("bits", bits, 0, MAX_BITS);
  if (typeof seed !== "bigint") throw new TypeError(`"seed" expected a bigint, got ${typeof seed}`);
  checkInteger("restarts", restarts, 1, 2 ** 16);
  checkInteger("maxIterations", maxIterations, 0, 2 ** 16);
  checkInteger("sampleRows", sampleRows, 1, 2 ** 31 - 1);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value)) throw new TypeError(`"${name}" expected an integer, got ${value}`);
  if (value < least || value > most) throw new RangeError(`"${name}" expected ${least} … ${most}, got ${value}`);
}
