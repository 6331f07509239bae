import { describe, expect, test } from "vitest";
import { type Examples, idsOf } from "../../../src/train/model/examples.ts";
import type { Model } from "../../../src/train/model/model.ts";
import { HIDDEN, type Hidden, type TableName } from "../../../src/train/model/shape.ts";
import { raggedOf } from "../../../src/train/model/tasks.ts";
import { trainWith } from "../../../src/train/model/train.ts";
import type { SamplerFactory } from "../../../src/train/model/train-options.ts";
import { BUILDS, modelKernels } from "./instances.ts";
import { type PlainTables, plainFullLoss, plainSampledLoss } from "./plain.ts";
import { scriptedSampler } from "./samplers.ts";

const CLASSES = 7;

/** Bags of several lengths. One has a feature twice, one is empty, and one row has two positives. */
function examplesWith(positionCount: number, third: readonly number[] = []): Examples {
  const features = raggedOf([[0, 3, 3], [4, 1], third, [2, 0, 1], [3]]);
  const weights = Float32Array.from(features.ids, (_, i) => 0.5 + 0.25 * (i % 4));
  return {
    features: { ...features, weights },
    positives: raggedOf([[1], [6, 2], [0], [5], [1]]),
    featureCount: 5,
    classCount: CLASSES,
    positionCount,
  };
}

/** No draw is a positive of any row, so that one list serves form B for all rows. */
const DRAWS = [3, 4, 3];
const PROBABILITIES = [0.05, 0.1, 0.15, 0.3, 0.2, 0.1, 0.1];
const scripted: SamplerFactory = () => scriptedSampler(DRAWS, (id) => PROBABILITIES[id] as number);

/** Runs one step of sgd with learning rate 1 on all rows. The difference between the tables before and after is the gradient. */
async function oneStep(
  build: (typeof BUILDS)[number],
  examples: Examples,
  hidden: Hidden,
  sampling: { readonly sampler?: SamplerFactory; readonly form?: "A" | "B" },
): Promise<{ readonly before: Model; readonly after: Model; readonly loss: number }> {
  const options = { dim: 8, hidden, batchSize: 5, optimizer: "sgd", learningRate: 1, negatives: 3, seed: 3 } as const;
  const { model: before } = await trainWith(modelKernels(build), examples, { ...options, epochs: 0 });
  const { model: after, history } = await trainWith(modelKernels(build), examples, {
    ...options,
    ...sampling,
    epochs: 1,
  });
  return { before, after, loss: history[0]?.loss as number };
}

/**
 * f32 sums of a few dozen terms below 4 are off by less than 1e-6, and the difference of a step by 2^-24 of a value below 4.
 * The central difference in f64 at h = 1e-4 is off by h² times third derivatives of order 1.
 */
const TOLERANCE = 2e-6;

describe.each(BUILDS)("a step of %s", (build) => {
  const losses = {
    full: { sampling: {}, loss: plainFullLoss },
    ...Object.fromEntries(
      (["A", "B"] as const).map((form) => [
        form,
        {
          sampling: { sampler: scripted, form },
          loss: (...given: Parameters<typeof plainFullLoss>) =>
            plainSampledLoss(...given, form, DRAWS, (id) => Math.log(PROBABILITIES[id] as number)),
        },
      ]),
    ),
  };
  for (const [name, { sampling, loss }] of Object.entries(losses)) {
    for (const hidden of HIDDEN) {
      test.each([0, 3])(
        `has the gradients of the ${name} loss, ${hidden} hidden layer, %d positions`,
        async (positions) => {
          // An empty bag meets relu exactly at its kink, where there is no derivative to compare with.
          const examples = examplesWith(positions, hidden === "relu" ? [2] : []);
          const step = await oneStep(build, examples, hidden, sampling);
          const plain: PlainTables = Object.fromEntries(
            Object.entries(step.before.tables).map(([table, values]) => [table, Float64Array.from(values)]),
          );
          const mean = (): number => {
            let sum = 0;
            for (let row = 0; row < 5; row++) sum += loss(step.before.shape, plain, examples, row);
            return sum / 5;
          };
          expect(Math.abs(step.loss - mean())).toBeLessThan(TOLERANCE);
          for (const [table, values] of Object.entries(plain) as [TableName, Float64Array][]) {
            const [from, to] = [step.before.tables[table], step.after.tables[table]] as [Float32Array, Float32Array];
            let largest = 0;
            for (let i = 0; i < values.length; i++) {
              const kept = values[i] as number;
              values[i] = kept + 1e-4;
              const above = mean();
              values[i] = kept - 1e-4;
              const gradient = (above - mean()) / 2e-4;
              values[i] = kept;
              const stepped = (from[i] as number) - (to[i] as number);
              expect(Math.abs(stepped - gradient), `${table}[${i}]`).toBeLessThan(TOLERANCE);
              largest = Math.max(largest, Math.abs(gradient));
            }
            expect(largest, table).toBeGreaterThan(1e-3); // there is something to be wrong about
          }
        },
      );
    }
  }
});

/** Updates by the formula, in f64, from the gradients of a step by descent of rate 1. */
const FORMULAS = {
  adagrad: (g: number) => (0.1 * g) / Math.sqrt(g * g + 1e-10),
  adam: (g: number) => (0.1 * g) / (Math.abs(g) + 1e-8),
};

describe("the first step of an optimiser", () => {
  test.each(["adagrad", "adam"] as const)("of %s is the formula's, for touched rows alone", async (optimizer) => {
    const examples = examplesWith(3);
    const common = { dim: 8, hidden: "tanh", batchSize: 5, negatives: 3, seed: 3, sampler: scripted } as const;
    const step = await oneStep("model.wasm", examples, "tanh", { sampler: scripted });
    const { model } = await trainWith(modelKernels(), examples, { ...common, optimizer, learningRate: 0.1, epochs: 1 });
    for (const table of Object.keys(model.tables) as TableName[]) {
      const [from, descended, to] = [step.before, step.after, model].map(
        ({ tables }) => tables[table],
      ) as Float32Array[];
      for (const [i, value] of (from as Float32Array).entries()) {
        const gradient = value - (descended?.[i] as number);
        const expected = FORMULAS[optimizer](gradient);
        // The gradient is known to 2e-7; where it is small the formula magnifies that.
        if (Math.abs(gradient) > 1e-3) expect(value - (to?.[i] as number), `${table}[${i}]`).toBeCloseTo(expected, 4);
        if (gradient === 0) expect(to?.[i], `${table}[${i}]`).toBe(value);
      }
    }
  });

  test("with weight decay takes rate · decay of touched vectors away, and none of the biases", async () => {
    const examples = examplesWith(0);
    const options = {
      dim: 8,
      batchSize: 5,
      optimizer: "sgd",
      learningRate: 0.5,
      negatives: 3,
      sampler: scripted,
    } as const;
    const { model: before } = await trainWith(modelKernels(), examples, { ...options, epochs: 0 });
    const { model: plain } = await trainWith(modelKernels(), examples, { ...options, epochs: 1 });
    const { model: decayed } = await trainWith(modelKernels(), examples, { ...options, epochs: 1, weightDecay: 0.25 });
    expect(decayed.tables.bias).toEqual(plain.tables.bias);
    for (const [i, value] of (before.tables.classes as Float32Array).entries()) {
      expect(decayed.tables.classes?.[i]).toBeCloseTo((plain.tables.classes?.[i] as number) - 0.125 * value, 6);
    }
  });
});

test("in expectation over all draws of M = 2 from Q⁻ = P⁻, form B steps as the full softmax does", async () => {
  const classCount = 6;
  const examples: Examples = {
    features: { ...raggedOf([[0, 1]]), weights: Float32Array.of(1, 0.5) },
    positives: raggedOf([[2]]),
    ...{ featureCount: 2, classCount, positionCount: 0 },
  };
  const options = { dim: 4, batchSize: 1, optimizer: "sgd", learningRate: 1, negatives: 2, seed: 9 } as const;
  const { model: before } = await trainWith(modelKernels(), examples, { ...options, epochs: 0 });
  const { model: full } = await trainWith(modelKernels(), examples, { ...options, epochs: 1 });
  const probability = exactProbabilities(before, examples);
  const left = (id: number): number => (probability[id] as number) / (1 - (probability[2] as number));
  const mean: Partial<Record<TableName, Float64Array>> = {};
  let total = 0;
  for (let first = 0; first < classCount; first++) {
    for (let second = 0; second < classCount; second++) {
      if (first === 2 || second === 2) continue;
      const weight = left(first) * left(second);
      total += weight;
      const sampler: SamplerFactory = () => scriptedSampler([first, second], left);
      const { model } = await trainWith(modelKernels(), examples, { ...options, epochs: 1, sampler, form: "B" });
      for (const [name, values] of Object.entries(model.tables) as [TableName, Float32Array][]) {
        const sum = mean[name] ?? new Float64Array(values.length);
        mean[name] = sum;
        for (const [i, value] of values.entries()) sum[i] = (sum[i] as number) + weight * value;
      }
    }
  }
  expect(total).toBeCloseTo(1, 12);
  for (const [name, values] of Object.entries(full.tables) as [TableName, Float32Array][]) {
    for (const [i, value] of values.entries()) expect(mean[name]?.[i], `${name}[${i}]`).toBeCloseTo(value, 6);
  }
});

/** P of every class for the first row. */
function exactProbabilities({ shape, tables }: Model, examples: Examples): number[] {
  const plain: PlainTables = Object.fromEntries(
    Object.entries(tables).map(([name, values]) => [name, Float64Array.from(values)]),
  );
  return Array.from({ length: shape.classCount }, (_, id) =>
    Math.exp(-plainFullLoss(shape, plain, { ...examples, positives: raggedOf([[id]]) }, 0)),
  );
}

test("the examples of these tests have rows of several positives, and features twice", () => {
  const { positives, features } = examplesWith(0);
  expect([0, 1, 2, 3, 4].map((row) => idsOf(positives, row).length)).toEqual([1, 2, 1, 1, 1]);
  expect([...idsOf(features, 0)]).toEqual([0, 3, 3]);
});
