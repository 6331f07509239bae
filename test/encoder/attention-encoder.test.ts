import { describe, expect, test } from "vitest";
import encoderDebug from "../../build/encoder.debug.wasm";
import encoderRelease from "../../build/encoder.wasm";
import { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import type { Model } from "../../src/train/model/model.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { queriesAfter } from "../../src/train/sequences/metrics.ts";
import type { SequenceOptions } from "../../src/train/sequences/options.ts";
import { trainSequencesWith } from "../../src/train/sequences/train.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { modelKernels } from "../train/model/instances.ts";
import { randomCodes } from "../train/rows.ts";
import { plainQueries } from "../train/sequences/plain-model.ts";
import { F32, F64 } from "./plain-gru.ts";

const [ITEMS, DIM, LENGTH] = [40, 8, 7];
/** Sequences shorter and longer than what is read, and one that is longer than a block of keys. */
const sequences = {
  ...raggedOf([2, 3, LENGTH, LENGTH + 1, 12, 45].map((length, row) => randomCodes(length, ITEMS, row + 1))),
  itemCount: ITEMS,
};
const itemsOf = (row: number): number[] => [
  ...sequences.ids.subarray(sequences.offsets[row], sequences.offsets[row + 1]),
];
const ROWS = [0, 1, 2, 3, 4, 5];

const trained = async (options: SequenceOptions = {}): Promise<Model> =>
  (
    await trainSequencesWith(modelKernels(), sequences, {
      ...{ encoder: "attention", dim: DIM, length: LENGTH, epochs: 2, seed: 2, learningRate: 0.05 },
      ...options,
    })
  ).model;

async function encoderOf(model: Model, options: BuildOptions = {}, module = encoderRelease) {
  const data = model.tables.classes as Float32Array;
  const file = await buildIndex({ data, shape: [ITEMS, DIM] }, { encoder: model, ...options });
  return new SequenceEncoder((await open(file)).index, module);
}

const plainOf = ({ tables }: Model) =>
  Object.fromEntries(Object.entries(tables).map(([name, values]) => [name, [...(values as Float32Array)]]));

describe.each([
  ["debug", encoderDebug],
  ["release", encoderRelease],
])("attention of an index, by the %s module", (_, module) => {
  test.each<[string, SequenceOptions, BuildOptions]>([
    ["tied, two blocks", {}, { rowType: "f32" }],
    ["tied, beside int8 rows", { blocks: 1 }, { rowType: "i8" }],
    ["a table of its own and two heads", { tied: false, heads: 2 }, { rowType: "f32" }],
    ["more positions than a block of keys", { length: 45, blocks: 1 }, { rowType: "f32" }],
  ])("has the bits of the trainer and of the plain encoder: %s", async (_name, training, building) => {
    const model = await trained(training);
    const encoder = await encoderOf(model, building, module);
    const { length = 0, heads } = model.shape;
    const expected = queriesAfter(modelKernels(), model, sequences, ROWS);
    for (const row of ROWS) {
      const query = expected.slice(row * DIM, (row + 1) * DIM);
      const read = itemsOf(row).slice(-length);
      expect(encoder.encode(itemsOf(row))).toEqual(query);
      const plain = (a: typeof F32) => plainQueries(a, plainOf(model), DIM, read, heads).at(-1) as number[];
      expect([...query]).toEqual(plain(F32));
      // The values of a norm are of order 1. Each of a few dozen sums and an exponential is rounded to f32.
      for (const [d, value] of plain(F64).entries()) expect(Math.abs((query[d] as number) - value)).toBeLessThan(2e-5);
    }
  });

  test("a step has the bits of encode, within the length and beyond it", async () => {
    const encoder = await encoderOf(await trained(), { rowType: "f32" }, module);
    const items = itemsOf(4);
    expect(items.length).toBeGreaterThan(LENGTH + 2);
    let state = encoder.start();
    for (const [t, item] of items.entries()) {
      const before = state.slice();
      const step = encoder.step(state, item);
      encoder.encode(itemsOf(3)); // what others ask in between is no part of a state
      expect(state).toEqual(before);
      expect(step.query).toEqual(encoder.encode(items.slice(0, t + 1)));
      expect(step.state.length).toBe(4 + Math.min(t + 1, LENGTH) * encoder.units);
      state = step.state;
    }
  });

  test.each([0, 3, LENGTH, LENGTH + 2])(
    "items that are read together after %i others leave the bits of steps",
    async (kept) => {
      const encoder = await encoderOf(await trained(), { rowType: "f32" }, module);
      const items = itemsOf(5).slice(0, kept + LENGTH + 3);
      let [state, query] = [encoder.start(), new Float32Array(0)];
      for (const item of items.slice(0, kept)) ({ state, query } = encoder.step(state, item));
      const before = state.slice();
      for (let count = 1; kept + count <= items.length; count++) {
        ({ state, query } = encoder.step(state, items[kept + count - 1] as number));
        expect(encoder.read(before, items.slice(kept, kept + count))).toEqual({ state, query });
      }
    },
  );
});

test("positions matter, and items before the last ones do not", async () => {
  const encoder = await encoderOf(await trained());
  expect(encoder.encode([1, 2, 3])).not.toEqual(encoder.encode([2, 1, 3]));
  const last = itemsOf(5).slice(-LENGTH);
  expect(encoder.encode([9, ...last])).toEqual(encoder.encode(last));
  expect(encoder.encode([9, ...last.slice(1)])).not.toEqual(encoder.encode(last));
});

test("a state that was written as JSON goes on with the same bits", async () => {
  const encoder = await encoderOf(await trained());
  for (const count of [0, 2, LENGTH]) {
    const { state } = encoder.read(encoder.start(), [5, ...itemsOf(5).slice(0, count)]);
    const kept = JSON.parse(JSON.stringify([...state]));
    expect(encoder.step(kept, 3)).toEqual(encoder.step(state, 3));
  }
});

describe("the state of attention", () => {
  test.each<[string, (state: Float32Array) => Float32Array, string]>([
    ["of nothing", () => new Float32Array(0), '"state" expected 4 values or more, got 0'],
    [
      "of another version",
      (state) => state.with(0, 2),
      "expected version 1 of this form, got 2: begin without a state again",
    ],
    ["of another width", (state) => state.with(1, 12), "expected that of 2 blocks of 8 values, got one of 2 of 12"],
    ["of other blocks", (state) => state.with(2, 1), "expected that of 2 blocks of 8 values, got one of 1 of 8"],
    ["that was cut", (state) => state.slice(0, -1), "expected 84 values of 2 items, at most 7 of them, got 83"],
    ["of a fraction of items", (state) => state.with(3, 1.5), "of 1.5 items"],
    ["of too many items", (state) => state.with(3, 9), "expected 364 values of 9 items, at most 7 of them"],
    ["with NaN", (state) => state.with(9, Number.NaN), '"state"[9] expected a finite number of magnitude at most 2^40'],
    [
      "with values whose products overflow",
      (state) => state.map((value, i) => (i < 4 ? value : 3e38)),
      '"state"[4] expected',
    ],
    ["with infinity", (state) => state.with(83, Number.POSITIVE_INFINITY), '"state"[83] expected a finite'],
  ])("%s is refused by name", async (_, change, message) => {
    const encoder = await encoderOf(await trained());
    const { state } = encoder.step(encoder.step(encoder.start(), 1).state, 2);
    expect(() => encoder.step(change(state), 3)).toThrow(message);
  });
});

test("a build refuses attention that does not fit, by name", async () => {
  const { shape, tables } = await trained();
  const refused = async (changed: object, changedTables = {}) =>
    expect(encoderOf({ shape: { ...shape, ...changed }, tables: { ...tables, ...changedTables } }));
  await (await refused({ blocks: 0 })).rejects.toThrow('"encoder.shape.blocks" expected an integer in 1..16, got 0');
  await (await refused({ heads: 3 })).rejects.toThrow('"encoder.shape.heads" expected an integer in 1..2, got 3');
  await (await refused({ length: 8 })).rejects.toThrow(
    '"encoder.tables.attention.positions" expected 64 values, got 56',
  );
  await (await refused({}, { "attention.normBias": undefined })).rejects.toThrow(
    '"encoder.tables.attention.normBias" expected a Float32Array',
  );
});
