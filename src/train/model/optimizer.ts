import {
  STEP_BYTES,
  STEP_CORRECTION,
  STEP_KEEP,
  STEP_MEAN_SHARE,
  STEP_RATE,
  STEP_SQUARE_SHARE,
} from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Table } from "./tables.ts";

/** The names of the optimizers. */
export const OPTIMIZERS = ["adagrad", "adam", "sgd"] as const;
/** The name of an optimizer: "adagrad", "adam" or "sgd" (without momentum). */
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** The states that each optimizer keeps for a value, by their names in a file. */
export const OPTIMIZER_STATES: Readonly<Record<OptimizerName, readonly string[]>> = {
  adagrad: ["adagrad"],
  adam: ["adam.mean", "adam.square"],
  sgd: [],
};

/** β₁ and β₂ of Adam. */
export type Betas = readonly [ofGradients: number, ofSquares: number];

export const BETAS: Betas = [0.9, 0.999];

export interface OptimizerOptions {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** Decoupled weight decay: a step takes learningRate · weightDecay of a vector away. Biases do not decay. */
  readonly weightDecay: number;
  /** For adam: the shares that the means of gradients and of their squares before a step have in the means after it. */
  readonly betas?: Betas;
}

/** Updates the rows of tables. All updates between two calls of `begin` belong to one step. */
export interface Optimizer {
  /** Begins the next step, with a share of the learning rate. Default: all of it. */
  begin(share?: number): void;
  /** Updates the rows at `ids`, i32 (count), by their gradients, f32 (count, width). */
  step(table: Table, gradients: number, ids: number, count: number): void;
}

/** Makes an optimizer. `stepsDone` is the number of steps that the states of the tables have seen. */
export function createOptimizer(
  kernels: ModelKernels,
  arena: Arena,
  { optimizer, learningRate, weightDecay, betas = BETAS }: OptimizerOptions,
  stepsDone: number,
): Optimizer {
  let [power1, power2] = [1, 1];
  const count = (): void => {
    power1 *= betas[0];
    power2 *= betas[1];
  };
  // Repeated multiplication gives the bits of an uninterrupted training. Math.pow has other bits in other runtimes. Both powers
  // stop changing when they have underflowed, after some 700,000 steps.
  for (let step = 0, before = [-1, -1]; step < stepsDone && (power1 !== before[0] || power2 !== before[1]); step++) {
    before = [power1, power2];
    count();
  }
  const [ofVectors, ofBiases] = [arena.take(STEP_BYTES), arena.take(STEP_BYTES)];
  const write = (address: number, rate: number, keep: number): void => {
    const numbers = arena.f32(address, STEP_BYTES / 4);
    numbers[STEP_RATE / 4] = optimizer === "adam" ? rate / (1 - power1) : rate;
    numbers[STEP_CORRECTION / 4] = 1 / Math.sqrt(1 - power2);
    numbers[STEP_KEEP / 4] = keep;
    numbers[STEP_MEAN_SHARE / 4] = betas[0];
    numbers[STEP_SQUARE_SHARE / 4] = betas[1];
  };
  const stepRows = { sgd: kernels.stepDescent, adagrad: kernels.stepAdagrad, adam: kernels.stepAdam }[optimizer];
  return {
    begin(share = 1) {
      const rate = learningRate * share;
      count();
      write(ofVectors, rate, 1 - rate * weightDecay);
      write(ofBiases, rate, 1);
    },
    step: ({ address, width }, gradients, ids, count) =>
      stepRows(address, width === 1 ? ofBiases : ofVectors, gradients, ids, count),
  };
}
