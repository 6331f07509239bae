import { ALL_KEPT } from "../../abi.ts";
import type { ModelKernels } from "../model/kernels.ts";
import type { Arena } from "../runtime/arena.ts";

/** Drops values of a step, or scales them. The same step and purpose drop the same values. */
export type Dropout = (values: number, count: number, purpose: number, step: number) => void;

/** Returns the number of 65,536 values that are kept. A rate is rounded to a multiple of 1 / 65,536. */
export const keptOf = (rate: number): number => Math.max(1, ALL_KEPT - Math.round(rate * ALL_KEPT));

/** Returns a function that drops values with a rate below 1, or does nothing with rate 0. */
export function planDropout(kernels: ModelKernels, arena: Arena, rate: number, seed: bigint): Dropout {
  const kept = keptOf(rate);
  const words = arena.take(16);
  const key = BigInt.asUintN(64, seed);
  return (values, count, purpose, step) => {
    if (kept === ALL_KEPT) return;
    kernels.dropOut(values, count, kept, key, (BigInt(purpose) << 32n) | BigInt(step), words);
  };
}
