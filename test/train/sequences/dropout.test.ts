import { expect, test } from "vitest";
import { valuesOf } from "../../../src/train/model/tables.ts";
import { raggedOf } from "../../../src/train/model/tasks.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import { planSequenceRun } from "../../../src/train/sequences/run.ts";
import { sequenceShape } from "../../../src/train/sequences/sequence-shape.ts";
import { sequenceSettings } from "../../../src/train/sequences/settings.ts";
import { anyOrder, batchesOf, lastWindows } from "../../../src/train/sequences/windows.ts";
import { at } from "../../reference/at.ts";
import { modelKernels } from "../model/instances.ts";
import { randomCodes } from "../rows.ts";

const ITEMS = 9;
const sequences = {
  ...raggedOf([4, 2, 7, 9].map((length, row) => randomCodes(length, ITEMS, row + 1))),
  itemCount: ITEMS,
};

/** A run whose every step is the first, so that it drops the same values. */
function runOf(options: SequenceOptions) {
  const settings = sequenceSettings({ optimizer: "sgd", clip: 0, dropout: 0.3, length: 8, seed: 4, ...options });
  const windows = lastWindows(sequences, settings.length);
  const [batch = []] = batchesOf(windows, [...windows.keys()], windows.length);
  const run = planSequenceRun(modelKernels(), {
    ...{ sequences, settings, isSampled: false, stepsOfEpoch: 1, resumed: undefined },
    shape: sequenceShape(sequences, { dim: 8, ...options }, settings),
    limits: anyOrder(windows, windows.length),
  });
  const positions = windows.reduce((sum, { length }) => sum + length, 0);
  return { run, loss: () => run.step(batch, 0, undefined) / positions };
}

/**
 * A loss is of order 2 and its scores are rounded to f32, which a central difference divides by 2 H: 5e-5. Its own error is
 * H² times a third derivative, which norms of small rows make as large as 10: 2e-4.
 */
const [H, TOLERANCE] = [0.004, 3e-4];

test.each<[string, SequenceOptions]>([
  ["gated units", { encoder: "gru" }],
  ["attention of two blocks and heads", { encoder: "attention", blocks: 2, heads: 2 }],
])("the gradients of %s are those of the loss with the same values dropped", (_, options) => {
  const learned = runOf({ ...options, learningRate: 1 });
  const fixed = runOf({ ...options, learningRate: 0 });
  const before = fixed.loss();
  expect(fixed.loss(), "a rate of 0 leaves the tables").toBe(before);
  expect(runOf({ ...options, learningRate: 0, dropout: 0 }).loss()).not.toBeCloseTo(before, 3);
  learned.loss();
  for (const table of Object.values(fixed.run.tables)) {
    const values = valuesOf(fixed.run.arena, table);
    const moved = valuesOf(learned.run.arena, learned.run.tables[table.name] as typeof table);
    const gradients = values.map((value, i) => value - at(moved, i));
    const largest = gradients.reduce(
      (best, value, i) => (Math.abs(value) > Math.abs(at(gradients, best)) ? i : best),
      0,
    );
    const value = at(values, largest);
    values[largest] = value + H;
    const above = fixed.loss();
    values[largest] = value - H;
    const below = fixed.loss();
    values[largest] = value;
    expect(Math.abs(at(gradients, largest)), table.name).toBeGreaterThan(2 * TOLERANCE);
    expect(Math.abs((above - below) / (2 * H) - at(gradients, largest)), table.name).toBeLessThan(TOLERANCE);
  }
});
