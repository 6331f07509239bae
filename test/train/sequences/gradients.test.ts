import { describe, expect, test } from "vitest";
import type { Model } from "../../../src/train/model/model.ts";
import { raggedOf } from "../../../src/train/model/tasks.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import { trainSequencesWith } from "../../../src/train/sequences/train.ts";
import { at } from "../../reference/at.ts";
import { EVERY } from "../../run/size.ts";
import { BUILDS, modelKernels } from "../model/instances.ts";
import { scriptedSampler } from "../model/samplers.ts";
import { type Negatives, type PlainTables, plainLoss } from "./plain-model.ts";

const ITEMS = 9;
const DIM = 8;
/** Several lengths, so that windows end at different steps; items that repeat; a draw that is a target. */
const sequences = {
  ...raggedOf([
    [0, 3, 3, 5],
    [4, 1],
    [2, 0, 1, 7, 8, 2],
  ]),
  itemCount: ITEMS,
};

const DRAWS = [3, 4, 3, 7, 6];
const PROBABILITIES = [0.05, 0.1, 0.15, 0.25, 0.15, 0.1, 0.05, 0.1, 0.05];
const negatives: Negatives = DRAWS.map((id) => ({ id, shift: Math.log(at(PROBABILITIES, id) * DRAWS.length) }));
const sampler = () => scriptedSampler(DRAWS, (id) => at(PROBABILITIES, id));

/** One step of sgd with learning rate 1 on all sequences: the difference of the tables is the gradient. */
async function oneStep(
  build: (typeof BUILDS)[number],
  options: SequenceOptions,
): Promise<{ readonly before: Model; readonly after: Model; readonly loss: number }> {
  const all = { dim: DIM, optimizer: "sgd", learningRate: 1, dropout: 0, clip: 0, seed: 3, ...options } as const;
  const { sampler: _, negatives: __, sharedBy: ___, ...untrained } = all;
  const { model: before } = await trainSequencesWith(modelKernels(build), sequences, { ...untrained, epochs: 0 });
  const { model: after, history } = await trainSequencesWith(modelKernels(build), sequences, { ...all, epochs: 1 });
  return { before, after, loss: history[0]?.loss as number };
}

const TWO_HEADS = { encoder: "attention", heads: 2, blocks: 1, length: 6, tied: false } as const;

/** The bounds are those of test/train/model/gradients.test.ts: sums in f32, and a central difference at h = 1e-4. */
const TOLERANCE = 2e-6;
const H = 1e-4;
const STRIDE = EVERY ? 5 : 13;

describe.each(BUILDS)("a step of %s", (build) => {
  test.each([
    ["tied, all classes", {}, undefined],
    ["a table of its own and a projection, all classes", { tied: false, units: 12 }, undefined],
    ["tied, shared draws", { sampler, negatives: DRAWS.length }, negatives],
    ["a table of its own, shared draws", { tied: false, units: 4, sampler, negatives: DRAWS.length }, negatives],
    ["draws shared by two windows", { sampler, negatives: DRAWS.length, sharedBy: 5 }, negatives],
    ["draws of each position's own", { sampler, negatives: DRAWS.length, sharedBy: 0 }, negatives],
    ["attention, all classes", { encoder: "attention", length: 6 }, undefined],
    ["attention of two heads, shared draws", { ...TWO_HEADS, sampler, negatives: DRAWS.length }, negatives],
  ] as const)("has the gradients of the plain loss by central differences: %s", async (_, options, drawn) => {
    const { before, after, loss } = await oneStep(build, options);
    const plain: PlainTables = Object.fromEntries(
      Object.entries(before.tables).map(([name, values]) => [name, [...(values as Float32Array)]]),
    );
    const lossNow = () => plainLoss(plain, DIM, sequences, drawn, before.shape.heads);
    expect(loss).toBeCloseTo(lossNow(), 5);
    for (const [name, values] of Object.entries(plain)) {
      const moved = after.tables[name as keyof typeof after.tables] as Float32Array;
      let largest = 0;
      // Some values of a table, from the first on, and every value of a small one.
      for (let i = 0; i < values.length; i += values.length > 40 ? STRIDE : 1) {
        const value = at(values, i);
        values[i] = value + H;
        const above = lossNow();
        values[i] = value - H;
        const below = lossNow();
        values[i] = value;
        const gradient = value - at(moved, i);
        largest = Math.max(largest, Math.abs(gradient));
        expect(Math.abs((above - below) / (2 * H) - gradient), `${name} ${i}`).toBeLessThan(TOLERANCE);
      }
      expect(largest, name).toBeGreaterThan(0);
    }
  });
});
