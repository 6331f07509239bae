import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { build, encodeExamples, labelExamples, nextItemExamples, train } from "../../../src/train/index.ts";
import type { Examples, RaggedIds } from "../../../src/train/model/examples.ts";
import { raggedOf } from "../../../src/train/model/tasks.ts";
import { chainExamples } from "./toy.ts";

const DIM = 8;
const rows = (ragged: RaggedIds): number[][] =>
  Array.from({ length: ragged.offsets.length - 1 }, (_, row) => [
    ...ragged.ids.subarray(ragged.offsets[row], ragged.offsets[row + 1]),
  ]);

const sequences = raggedOf(
  Array.from({ length: 12 }, (_, s) => Array.from({ length: 6 }, (_, n) => (7 * s + 3 * n) % 10)),
);
const bags = raggedOf(
  Array.from({ length: 12 }, (_, s) => Array.from({ length: 1 + (s % 5) }, (_, n) => (s + 4 * n) % 11)),
);
const labels = raggedOf(Array.from({ length: 12 }, (_, s) => [s % 6]));

/** Each task, with the pooling that gives its features the same weights. */
const TASKS: [string, Examples, "sum" | "mean" | "sqrtn"][] = [
  ["next words, by position", chainExamples(60, 1, 3), "sum"],
  ["next items, their mean", nextItemExamples(sequences, 10, 4), "mean"],
  ["labels of bags", labelExamples(bags, labels, 11, 6), "sqrtn"],
];

describe.each(TASKS)("queries that an index makes of features, for %s", (_, examples, pooling) => {
  test("are those of the model, bit for bit, by its pooling and by its weights", async () => {
    const { model } = await train(examples, { dim: DIM, epochs: 2, batchSize: 5, seed: 3 });
    const { classes, bias, features, positions } = model.tables;
    const { classCount, featureCount } = model.shape;
    const table = { data: features as Float32Array, shape: [featureCount, DIM], pooling } as const;
    const file = await build(
      { data: classes as Float32Array, shape: [classCount, DIM] },
      { bias: bias as Float32Array, features: { ...table, ...(positions && { positions }) } },
    );
    const index = await load(file);
    const wanted = await encodeExamples(model, examples);
    const { offsets, weights } = examples.features;
    for (const [row, ids] of rows(examples.features).entries()) {
      const query = wanted.subarray(row * DIM, (row + 1) * DIM);
      expect(index.encode(ids)).toEqual(query);
      expect(index.encode(ids, { weights: weights.subarray(offsets[row], offsets[row + 1]) })).toEqual(query);
    }
    expect(wanted.some((value) => value !== 0)).toBe(true);
  });
});
