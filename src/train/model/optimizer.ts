import { STEP_BYTES, STEP_CORRECTION, STEP_KEEP, STEP_RATE } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Table } from "./tables.ts";

export const OPTIMIZERS = ["adagrad", "adam", "descent"] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** The states that each optimiser keeps of a value, by their names in a file. */
export const OPTIMIZER_STATES: Readonly<Record<OptimizerName, readonly string[]>> = {
  adagrad: ["adagrad"],
  adam: ["adam.mean", "adam.square"],
  descent: [],
};

export interface OptimizerOptions {
  readonly optimiser: OptimizerName;
  readonly rate: number;
  /** Share of a value that a step of rate 1 takes away, of vectors and not of biases. */
  readonly weightDecay: number;
}

/** Steps rows of tables: all that a batch touched, between two calls of `begin`. */
export interface Optimizer {
  /** A new step: what comes next belongs to it. */
  begin(): void;
  /** gradients: f32 (count, width) for the rows at `ids`, i32 (count). */
  step(table: Table, gradients: number, ids: number, count: number): void;
}

const BETA1 = 0.9;
const BETA2 = 0.999;

/** `stepsDone`: how many steps the tables' states have seen. */
export function createOptimizer(
  kernels: ModelKernels,
  arena: Arena,
  { optimiser, rate, weightDecay }: OptimizerOptions,
  stepsDone: number,
): Optimizer {
  let [power1, power2] = [1, 1];
  const count = (): void => {
    power1 *= BETA1;
    power2 *= BETA2;
  };
  // Multiplication gives the bits of an uninterrupted training, where Math.pow has other bits elsewhere. The powers stop
  // changing after some 700,000 steps, when they are as small as a number can be.
  for (let step = 0, before = -1; step < stepsDone && power2 !== before; step++) {
    before = power2;
    count();
  }
  const [ofVectors, ofBiases] = [arena.take(STEP_BYTES), arena.take(STEP_BYTES)];
  const write = (address: number, keep: number): void => {
    const numbers = arena.f32(address, STEP_BYTES / 4);
    numbers[STEP_RATE / 4] = optimiser === "adam" ? rate / (1 - power1) : rate;
    numbers[STEP_CORRECTION / 4] = 1 / Math.sqrt(1 - power2);
    numbers[STEP_KEEP / 4] = keep;
  };
  const stepRows = { descent: kernels.stepDescent, adagrad: kernels.stepAdagrad, adam: kernels.stepAdam }[optimiser];
  return {
    begin() {
      count();
      write(ofVectors, 1 - rate * weightDecay);
      write(ofBiases, 1);
    },
    step: ({ address, width }, gradients, ids, count) =>
      stepRows(address, width === 1 ? ofBiases : ofVectors, gradients, ids, count),
  };
}
