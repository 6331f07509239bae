import { expect, test } from "vitest";
import { completedOptions } from "../../../src/train/sequences/completed-options.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import type { Sequences } from "../../../src/train/sequences/sequences.ts";
import { trainSequencesWith } from "../../../src/train/sequences/train.ts";
import { batchesOf, lastWindows, stepsOfEpoch, streamBatches } from "../../../src/train/sequences/windows.ts";
import { modelKernels } from "../model/instances.ts";

/** Sequences of two items, except for one of a single item, or one sequence of that many items. */
const pairs = (count: number): Sequences => ({
  offsets: Uint32Array.from({ length: count + 2 }, (_, i) => 2 * Math.min(i, count) + Number(i > count)),
  ids: Int32Array.from({ length: 2 * count + 1 }, (_, i) => i % 5),
  itemCount: 5,
});
const text = (length: number): Sequences => ({
  offsets: Uint32Array.of(0, length),
  ids: new Int32Array(length),
  itemCount: 2,
});
const epochs = (sequences: Sequences, options: SequenceOptions = {}): number | undefined =>
  completedOptions(options, sequences, undefined).epochs;

test("few sequences have more epochs, up to 30, until there are 2,000 steps", () => {
  expect(epochs(pairs(64 * 500))).toBe(5);
  expect(epochs(pairs(64 * 100))).toBe(20);
  expect(epochs(pairs(64 * 100), { batchSize: 32 })).toBe(10);
  expect(epochs(pairs(100))).toBe(30);
  expect(epochs(text(20 * 35 * 200 + 1), { carry: true })).toBe(10);
  expect(epochs(pairs(4000), { preset: "sessions-gru" })).toBe(30);
  expect(epochs(pairs(128 * 1000), { preset: "sessions-gru" })).toBe(8);
  expect(epochs(pairs(32 * 70), { preset: "clicks-gru" })).toBe(29);
  expect(epochs(pairs(100), { preset: "clicks-gru", heldOut: pairs(9) })).toBe(100);
  expect(epochs(pairs(100), { epochs: 3, preset: "clicks-gru" })).toBe(3);
});

test("few sequences have more patience, up to 30 epochs, until it is 1,000 steps", () => {
  const patience = (count: number, options: SequenceOptions): number | undefined =>
    completedOptions({ heldOut: pairs(9), ...options }, pairs(count), undefined).patience;
  expect(patience(32 * 100, { preset: "clicks-gru" })).toBe(10);
  expect(patience(32 * 99, { preset: "clicks-gru" })).toBe(11);
  expect(patience(32 * 50, { preset: "clicks-gru" })).toBe(20);
  expect(patience(128 * 50, { preset: "short-clicks-attention", epochs: 7 })).toBe(20);
  expect(patience(100, { preset: "clicks-gru" })).toBe(30);
  expect(patience(100, { preset: "clicks-gru", patience: 4 })).toBe(4);
  expect(patience(100, { patience: 4 })).toBe(4);
  expect(patience(100, {})).toBeUndefined();
  expect(completedOptions({ preset: "clicks-gru" }, pairs(100), undefined).patience).toBeUndefined();
});

test("the epochs of a training are those, and so it is over when it is resumed", async () => {
  const saved: Uint8Array[] = [];
  const options: SequenceOptions = { dim: 4, batchSize: 20, onEpoch: (_, checkpoint) => void saved.push(checkpoint()) };
  const { history, model } = await trainSequencesWith(modelKernels(), pairs(2000), options);
  expect(history.length).toBe(20);
  const again = await trainSequencesWith(modelKernels(), pairs(2000), {
    ...options,
    resume: saved.at(-1) as Uint8Array,
  });
  expect(again.model).toEqual(model);
});

test("the steps of an epoch are as many as its batches", () => {
  for (const length of [1, 2, 7, 8, 9, 40]) {
    const windows = lastWindows(pairs(length), 3);
    const batches = batchesOf(windows, [...windows.keys()], 4);
    expect(stepsOfEpoch(pairs(length), { batchSize: 4, length: 3, carry: false })).toBe(batches.length);
    const options = { batchSize: 2, length: 3, carry: true };
    expect(stepsOfEpoch(text(length + 1), options)).toBe(streamBatches(text(length + 1), options).length);
  }
});
