import type { QuantizerInput, QuantizerOptions } from "./quantizer.ts";

const MAX_BITS = 10;

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
