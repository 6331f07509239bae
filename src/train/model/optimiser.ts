import type { ModelKernels } from "./kernels.ts";
import type { Table } from "./tables.ts";

export const OPTIMISERS = ["adagrad", "adam", "descent"] as const;
export type OptimiserName = (typeof OPTIMISERS)[number];

/** What each keeps of a value, by the names it has in a file. */
export const OPTIMISER_STATES: Readonly<Record<OptimiserName, readonly string[]>> = {
  adagrad: ["adagrad"],
  adam: ["adam.mean", "adam.square"],
  descent: [],
};

export interface OptimiserOptions {
  readonly optimiser: OptimiserName;
  readonly rate: number;
  /** Share of a value that a step of rate 1 takes away, of vectors and not of biases. */
  readonly weightDecay: number;
}

/** Steps rows of tables: all that a batch touched, between two calls of `begin`. */
export interface Optimiser {
  /** A new step: what comes next belongs to it. */
  begin(): void;
  /** gradients: f32 (count, width) for the rows at `ids`, i32 (count). */
  step(table: Table, gradients: number, ids: number, count: number): void;
}

const BETA1 = 0.9;
const BETA2 = 0.999;

/** `stepsDone`: how many steps the tables' states have seen. */
export function createOptimiser(
  kernels: ModelKernels,
  { optimiser, rate, weightDecay }: OptimiserOptions,
  stepsDone: number,
): Optimiser {
  let [power1, power2] = [1, 1];
  const begin = (): void => {
    power1 *= BETA1;
    power2 *= BETA2;
  };
  // Multiplication gives the bits of an uninterrupted training, where Math.pow has other bits elsewhere. The powers stop
  // changing after some 700,000 steps, when they are as small as a number can be.
  for (let step = 0, before = -1; step < stepsDone && power2 !== before; step++) {
    before = power2;
    begin();
  }
  const keepOf = ({ width }: Table): number => (width === 1 ? 1 : 1 - rate * weightDecay);
  const steps: Record<OptimiserName, Optimiser["step"]> = {
    descent: (table, gradients, ids, count) =>
      kernels.stepDescent(table.values, gradients, ids, count, table.width, rate, keepOf(table)),
    adagrad: (table, gradients, ids, count) => {
      const [squares] = table.states as [number];
      kernels.stepAdagrad(table.values, squares, gradients, ids, count, table.width, rate, keepOf(table));
    },
    adam: (table, gradients, ids, count) => {
      const [means, squares] = table.states as [number, number];
      const [corrected, correction] = [rate / (1 - power1), 1 / Math.sqrt(1 - power2)];
      const { values, width } = table;
      kernels.stepAdam(values, means, squares, gradients, ids, count, width, corrected, correction, keepOf(table));
    },
  };
  return { begin, step: steps[optimiser] };
}
