import { describe, expect, test } from "vitest";
import type { LossInput } from "../../src/train/loss/loss-input.ts";
import { planSampledSoftmaxLoss } from "../../src/train/loss/sampled-softmax.ts";
import { sampledSoftmaxLoss } from "../../src/train/loss/sampled-softmax-inlined.ts";
import { BUILDS, trainKernels } from "./instances.ts";
import { lossByFormula } from "./loss-by-formula.ts";
import { randomRows } from "./rows.ts";

const FORMS = ["A", "B"] as const;

/** Makes an example with positives 0, 1, … and draws of these ids. The vector of a class depends on its id and the scale. */
function madeInput(form: "A" | "B", positives: number, ids: readonly number[], dim = 5, scale = 1): LossInput {
  const rows = randomRows(20 * dim, 3).map((value) => scale * value);
  const biases = randomRows(20, 4).map((value) => scale * value);
  const vectorsOf = (classes: readonly number[]) => ({
    ids: Int32Array.from(classes),
    rows: Float32Array.from(classes.flatMap((id) => [...rows.subarray(id * dim, (id + 1) * dim)])),
    biases: Float32Array.from(classes, (id) => biases[id] as number),
    logQ: Float64Array.from(classes, (id) => -1 - (randomRows(20, 5)[id] as number) ** 2),
  });
  return {
    form,
    query: randomRows(dim, 6),
    positives: vectorsOf(Array.from({ length: positives }, (_, id) => id)),
    sampled: vectorsOf(ids),
  };
}

const DRAWS = [7, 9, 7, 12, 19, 7];

describe.each(FORMS)("form %s", (form) => {
  const cases = [1, 2, 3, 4].flatMap((positives) => [DRAWS, [8]].map((ids) => ({ positives, ids })));

  test.each(cases)("is the formula, with $positives positives and draws $ids", ({ positives, ids }) => {
    const input = madeInput(form, positives, ids);
    expect(sampledSoftmaxLoss(input).loss).toBeCloseTo(lossByFormula(input), 12);
  });

  test.each(cases)(
    "has the gradients of central differences by all arguments, with $positives positives and draws $ids",
    ({ positives, ids }) => {
      const input = madeInput(form, positives, ids);
      const found = sampledSoftmaxLoss(input);
      const arguments_ = [
        [found.gradQuery, input.query],
        [found.gradPositives, input.positives.rows],
        [found.gradPositiveBiases, input.positives.biases],
        [found.gradSampled, input.sampled.rows],
        [found.gradSampledBiases, input.sampled.biases],
      ] as const;
      for (const [gradient, values] of arguments_) {
        expect(gradient).toHaveLength(values.length);
        for (let i = 0; i < values.length; i++) {
          expect(gradient[i]).toBeCloseTo(centralDifference(input, values, i), 6);
        }
      }
    },
  );

  test("counts a class that was drawn twice twice", () => {
    const twice = sampledSoftmaxLoss(madeInput(form, 1, [7, 7, 9]));
    const once = sampledSoftmaxLoss(madeInput(form, 1, [7, 9]));
    expect(twice.loss).not.toBeCloseTo(once.loss, 3);
    expect(twice.gradSampledBiases[0]).toBe(twice.gradSampledBiases[1]);
    expect(twice.gradSampledBiases[0]).toBeGreaterThan(0);
  });

  test.each([1, -1])("is finite at logits of a thousand, by the formula (%i)", (sign) => {
    const input = madeInput(form, 2, DRAWS, 5, sign * 700);
    const { loss, ...gradients } = sampledSoftmaxLoss(input);
    expect(Math.abs(loss - lossByFormula(input))).toBeLessThan(1e-9);
    for (const gradient of Object.values(gradients)) expect(gradient.every(Number.isFinite)).toBe(true);
  });

  test.each(BUILDS)("is the same, bit for bit, by another instance: %s", (build) => {
    const input = madeInput(form, 2, DRAWS, 67);
    const planned = planSampledSoftmaxLoss(trainKernels(build));
    planned(madeInput(form, 4, [...DRAWS, ...DRAWS], 130)); // so that other values are in memory
    expect(planned(input)).toEqual(sampledSoftmaxLoss(input));
  });

  test("gradients are the caller's: the next call leaves them as they are", () => {
    const { gradSampled, gradQuery } = sampledSoftmaxLoss(madeInput(form, 1, DRAWS));
    const [sampled, query] = [gradSampled.slice(), gradQuery.slice()];
    sampledSoftmaxLoss(madeInput(form, 2, [11, 12], 5, 3));
    expect([gradSampled, gradQuery]).toEqual([sampled, query]);
  });

  test("names what does not fit", () => {
    const input = madeInput(form, 2, DRAWS);
    const fails = (change: object, message: string): void =>
      expect(() => sampledSoftmaxLoss({ ...input, ...change } as LossInput)).toThrow(message);
    const { positives, sampled } = input;
    fails({ form: "c" }, '"form" expected A or B, got "c"');
    fails({ query: [1, 2] }, '"query" expected a Float32Array');
    fails({ query: input.query.subarray(1) }, '"positives.rows" expected 2 × 4 values, got 10');
    fails({ sampled: { ...sampled, rows: sampled.rows.subarray(1) } }, '"sampled.rows" expected 6 × 5 values, got 29');
    fails({ sampled: { ...sampled, biases: new Float32Array(5) } }, '"sampled.biases" expected 6 values, got 5');
    fails({ sampled: { ...sampled, logQ: undefined } }, '"sampled.logQ" expected 6 values, got none');
    fails(
      { sampled: { ...sampled, logQ: sampled.logQ.with(2, -Infinity) } },
      '"sampled.logQ"[2] expected the log of a',
    );
    fails({ sampled: { ...sampled, logQ: sampled.logQ.with(2, 0.5) } }, '"sampled.logQ"[2] expected the log of a');
    fails({ sampled: { ...sampled, logQ: sampled.logQ.with(2, Number.NaN) } }, '"sampled.logQ"[2] expected the log of');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const diverged = `expected a finite value, got ${value}: has the training diverged?`;
      fails({ query: input.query.with(3, value) }, `"query"[3] ${diverged}`);
      fails({ positives: { ...positives, rows: positives.rows.with(7, value) } }, `"positives.rows"[7] ${diverged}`);
      fails({ sampled: { ...sampled, rows: sampled.rows.with(4, value) } }, `"sampled.rows"[4] ${diverged}`);
    }
    const biases = (value: number) => ({ sampled: { ...sampled, biases: sampled.biases.with(2, value) } });
    fails(biases(Number.NaN), '"sampled.biases"[2] expected a finite value, got NaN');
    fails(biases(Number.POSITIVE_INFINITY), '"sampled.biases"[2] expected a finite value, got Infinity');
    const masked = sampledSoftmaxLoss({ ...input, ...biases(Number.NEGATIVE_INFINITY) });
    expect([masked.loss < sampledSoftmaxLoss(input).loss, masked.gradSampledBiases[2]]).toEqual([true, 0]);
    const none = { ids: new Int32Array(0), rows: new Float32Array(0), biases: new Float32Array(0), logQ: [] };
    fails({ sampled: none }, '"sampled.ids" expected at least one class, got none');
    fails({ positives: none }, '"positives.ids" expected at least one class, got none');
    const again = { ...positives, ids: Int32Array.of(1, 1) };
    fails({ positives: again }, '"positives.ids"[1] expected distinct classes, got 1 again');
    fails({ positives: { ...positives, ids: [0, "9"] } }, '"positives.ids"[1] expected an integer, got "9"');
    fails({ sampled: { ...sampled, ids: [0.5, 1, 2, 3, 4, 5] } }, '"sampled.ids"[0] expected an integer, got 0.5');
  });
});

test("form A takes draws of the positive, form B refuses them and names the place", () => {
  expect(sampledSoftmaxLoss(madeInput("A", 2, [9, 1])).loss).toBeCloseTo(lossByFormula(madeInput("A", 2, [9, 1])), 12);
  expect(() => sampledSoftmaxLoss(madeInput("B", 2, [9, 1]))).toThrow(
    new RangeError('"sampled.ids"[1] expected no positive in form B, got 1'),
  );
});

test("form A needs log Q of the positives", () => {
  const input = madeInput("A", 1, DRAWS);
  const without = { ...input, positives: { ...input.positives, logQ: undefined } } as unknown as LossInput;
  expect(() => sampledSoftmaxLoss(without)).toThrow('"positives.logQ" expected 1 values, got none');
});

const STEP = 2 ** -12;

/** In f64, by the formula: `values` is an array of `input`. */
function centralDifference(input: LossInput, values: Float32Array, i: number): number {
  const at = (value: number): number => {
    const moved = Float64Array.from(values);
    moved[i] = value;
    return lossByFormula(input, values, moved);
  };
  const value = values[i] as number;
  return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
}
