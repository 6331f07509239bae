import { grow } from "../../memory/grow.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import type { Logarithms } from "../arithmetic/logarithms.ts";

/** Classes of a softmax, some of which stand for several: o = scale · score + bias. */
export interface SampledSoftmax {
  readonly scores: Float32Array;
  readonly biases: Float32Array;
  /** The logarithm of the number of classes that each stands for. */
  readonly logShares: Float32Array;
}

/** Returns the entropy of the softmax for a scale, in nats. */
export type EntropyOf = (softmax: SampledSoftmax, scale: number) => number;

/** Takes memory for softmaxes of up to `most` classes. */
export function planEntropy(module: WebAssembly.Module, most: number): EntropyOf {
  const kernels = instantiateQuery(module);
  const padded = Math.ceil(most / 4) * 4;
  const logitsPtr = Math.ceil(kernels.heapBase() / 16) * 16;
  const massesPtr = logitsPtr + padded * 4;
  grow(kernels, massesPtr + padded * 4);
  const logits = new Float32Array(kernels.memory.buffer, logitsPtr, padded);
  const masses = new Float32Array(kernels.memory.buffer, massesPtr, padded);
  return ({ scores, biases, logShares }, scale) => {
    const count = scores.length;
    for (let i = 0; i < count; i++) {
      logits[i] = scale * (scores[i] as number) + (biases[i] as number) + (logShares[i] as number);
    }
    const end = Math.ceil(count / 4) * 4;
    logits.fill(Number.NEGATIVE_INFINITY, count, end);
    const top = kernels.maxOf(logitsPtr, count);
    kernels.expInto(logitsPtr, end, top, 1, massesPtr);
    let mass = 0;
    let below = 0; // Σ mass · (top − logit of one class)
    for (let i = 0; i < count; i++) {
      const each = masses[i] as number;
      mass += each;
      below += each * (top - (logits[i] as number) + (logShares[i] as number));
    }
    return Math.max(0, kernels.log64(mass) + below / mass);
  };
}

/** Returns the entropy of the softmax of the biases, or the logarithm of the number of classes without any. */
export function entropyOfBias(
  { exp64, log64 }: Logarithms,
  itemCount: number,
  bias: ArrayLike<number> | undefined,
): number {
  if (bias === undefined) return log64(Math.max(1, itemCount));
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < itemCount; i++) top = Math.max(top, bias[i] as number);
  let mass = 0;
  let below = 0;
  for (let i = 0; i < itemCount; i++) {
    const depth = top - (bias[i] as number);
    const each = exp64(-depth);
    mass += each;
    below += each * depth;
  }
  return itemCount > 0 ? log64(mass) + below / mass : 0;
}
