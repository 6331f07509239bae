import { describe, expect, test } from "vitest";
import encoderDebug from "../../build/encoder.debug.wasm";
import encoderRelease from "../../build/encoder.wasm";
import { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
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

const ITEMS = 40;
const sequences = {
  ...raggedOf(Array.from({ length: 12 }, (_, row) => randomCodes(2 + row, ITEMS, row + 1))),
  itemCount: ITEMS,
};
const LABELS = Array.from({ length: ITEMS }, (_, id) => `item-${id}`);
const itemsOf = (row: number): number[] => [
  ...sequences.ids.subarray(sequences.offsets[row], sequences.offsets[row + 1]),
];

const trained = async (options: SequenceOptions): Promise<Model> =>
  (await trainSequencesWith(modelKernels(), sequences, { dim: 8, epochs: 2, seed: 2, ...options })).model;

async function indexOf(model: Model, options: BuildOptions = {}, hasEncoder = true): Promise<MultiIndex> {
  const data = model.tables.classes as Float32Array;
  const bias = model.tables.bias as Float32Array;
  const file = await buildIndex(
    { data, shape: [ITEMS, 8] },
    { bias, ...(hasEncoder && { encoder: model }), ...options },
  );
  return (await open(file)).index;
}

describe.each([
  ["debug", encoderDebug],
  ["release", encoderRelease],
])("the encoder of an index, by the %s module", (_, module) => {
  test.each<[string, SequenceOptions, BuildOptions]>([
    ["tied, whose rows are those of the index", {}, { rowType: "f32" }],
    ["tied, beside int8 rows", {}, { rowType: "i8" }],
    ["tied, beside rows of unit length", {}, { rowType: "f32", metric: "cosine" }],
    ["a table of its own and a projection", { tied: false, units: 12 }, { rowType: "f32" }],
    ["fewer units than values of a row", { units: 4 }, { rowType: "f16", fineCodes: true }],
  ])("has the bits of the trainer: %s", async (_name, training, building) => {
    const model = await trained(training);
    const index = await indexOf(model, { ...building, labels: LABELS });
    const encoder = new SequenceEncoder(index, module);
    const rows = [0, 5, 11];
    const expected = queriesAfter(modelKernels(), model, sequences, rows);
    for (const [i, row] of rows.entries()) {
      const query = expected.slice(i * 8, (i + 1) * 8);
      const items = itemsOf(row);
      expect(encoder.encode(items)).toEqual(query);
      expect(encoder.encode(Int32Array.from(items))).toEqual(query);
      expect(index.encode(items.map((id) => `item-${id}`))).toEqual(query);
      let [state, last] = [encoder.start(), new Float32Array()];
      for (const [t, item] of items.entries()) {
        const before = state.slice();
        const step = encoder.step(state, item);
        expect(state).toEqual(before);
        expect(step.query).toEqual(encoder.encode(items.slice(0, t + 1)));
        [state, last] = [step.state, step.query];
      }
      expect(last).toEqual(query);
    }
  });

  test("needs no table of items where tied rows are f32, and one elsewhere", async () => {
    const model = await trained({});
    const [tied, own] = await Promise.all([indexOf(model, { rowType: "f32" }), indexOf(model, { rowType: "i8" })]);
    const { fileBytes } = (await indexOf(model, { rowType: "f32" }, false)).info;
    const weights = 4 * (24 * 8 + 24 + 24 * 8 + 24);
    expect(tied.info.fileBytes - fileBytes).toBeLessThan(weights + 1024);
    expect(own.info.fileBytes).toBeGreaterThan(ITEMS * 8 * 4 + weights);
  });

  test("leaves unknown items out if it is told to", async () => {
    const index = await indexOf(await trained({}), { labels: LABELS });
    const encoder = new SequenceEncoder(index, module);
    expect(encoder.encode(["item-3", "gone", 99, "item-5"], { unknown: "skip" })).toEqual(encoder.encode([3, 5]));
  });

  test("tells by a code that a sequence has no item that is known from what is wrong in it", async () => {
    const index = await indexOf(await trained({}), { labels: LABELS });
    const encoder = new SequenceEncoder(index, module);
    const noItems = expect.objectContaining({ name: "RangeError", code: "no_items" });
    expect(() => encoder.encode([])).toThrow(noItems);
    expect(() => encoder.encode(["gone", 99], { unknown: "skip" })).toThrow(noItems);
    expect(() => encoder.encode(["gone"])).not.toThrow(noItems);
    expect(() => encoder.encode([0.5], { unknown: "skip" })).not.toThrow(noItems);
  });

  test("tells by a code that the index lacks an item, from what can be no item", async () => {
    const model = await trained({});
    const unknown = expect.objectContaining({ name: "RangeError", code: "unknown_item" });
    for (const [labels, lacking, wrong] of [
      [LABELS, ["gone", 99, -1], [0.5, { id: 1 }]],
      [undefined, [99, -1], ["gone", 0.5]],
    ] as const) {
      const encoder = new SequenceEncoder(await indexOf(model, labels ? { labels } : {}), module);
      for (const item of lacking) expect(() => encoder.step(encoder.start(), item)).toThrow(unknown);
      for (const item of wrong) {
        expect(() => encoder.step(encoder.start(), item as number)).toThrow(RangeError);
        expect(() => encoder.step(encoder.start(), item as number)).not.toThrow(unknown);
        expect(() => encoder.encode([1, item as number], { unknown: "skip" })).toThrow(
          expect.objectContaining({ at: 1, message: expect.stringContaining('"sequence"[1] expected an item') }),
        );
      }
    }
  });

  test.each([undefined, []])("says that an index has no classes: labels %j", async (labels) => {
    const model = await trained({ tied: false, units: 4 });
    const encoder = { ...model, tables: { ...model.tables, features: new Float32Array() } };
    const file = await buildIndex({ data: new Float32Array(), shape: [0, 8] }, { encoder, ...(labels && { labels }) });
    const empty = new SequenceEncoder((await open(file)).index, module);
    for (const item of labels ? [0, "item-0"] : [0]) {
      const expected = `"sequence"[0] expected no item, as the index is empty, got ${JSON.stringify(item)}`;
      expect(() => empty.encode([item])).toThrow(expected);
      expect(() => empty.step(empty.start(), item)).toThrow(expected);
    }
  });

  test.each<[string, (encoder: SequenceEncoder, index: MultiIndex) => unknown, string]>([
    ["an empty sequence", (encoder) => encoder.encode([]), '"sequence" expected at least one item, got none'],
    ["only unknown items", (encoder) => encoder.encode([99], { unknown: "skip" }), "at least one known item"],
    [
      "an unknown label",
      (encoder) => encoder.encode([1, "gone"]),
      '"sequence"[1] expected an item with a vector, an integer in 0..39 or a label of the index, got "gone"; encoder.encode with "unknown": "skip" leaves such items out',
    ],
    [
      "an id that is none",
      (encoder) => encoder.encode([40]),
      '"sequence"[0] expected an item with a vector, an integer in 0..39',
    ],
    [
      "a fraction",
      (encoder) => encoder.encode([0.5], { unknown: "skip" }),
      '"sequence"[0] expected an item with a vector, an integer',
    ],
    ["no array", (encoder) => encoder.encode("item-1" as never), '"sequence" expected an array of ids or labels'],
    [
      "an unknown policy",
      (encoder) => encoder.encode([1], { unknown: "guess" as never }),
      '"unknown" expected refuse or skip',
    ],
    [
      "an unknown option",
      (encoder) => encoder.encode([1], { unknwon: "skip" } as never),
      '"unknwon" is not an option of encode: it takes unknown',
    ],
    ["a policy in place of options", (encoder) => encoder.encode([1], "skip" as never), '"options" expected an object'],
    [
      "null for options",
      (encoder) => encoder.read(encoder.start(), [1], null as never),
      '"options" expected an object',
    ],
    [
      "a state of another length",
      (encoder) => encoder.step(new Float32Array(3), 1),
      '"state" expected 8 values, got 3',
    ],
    [
      "a state with NaN",
      (encoder) => encoder.step(new Float32Array(8).fill(Number.NaN), 1),
      '"state"[0] expected a finite',
    ],
    ["weights of features", (_encoder, index) => index.encode([1], { weights: [1] }), '"weights" expected none'],
    [
      "an index that was disposed of",
      (encoder, index) => {
        index.dispose();
        return encoder.encode([1]);
      },
      "disposed of",
    ],
  ])("%s is refused by name", async (_name, call, message) => {
    const index = await indexOf(await trained({}), { labels: LABELS });
    const encoder = new SequenceEncoder(index, module);
    expect(() => call(encoder, index)).toThrow(message);
  });
});

describe("a build with an encoder", () => {
  test("gives an index that answers as one without", async () => {
    const model = await trained({});
    const query = model.tables.classes?.slice(0, 8) as Float32Array;
    const [index, plain] = [await indexOf(model), await indexOf(model, {}, false)];
    expect(index.topK(query, 5)).toEqual(plain.topK(query, 5));
    expect(index.predict(query, 5, { seed: 1 })).toEqual(plain.predict(query, 5, { seed: 1 }));
    expect(() => new SequenceEncoder(plain, encoderRelease)).toThrow('expected one built with "encoder"');
    expect(() => index.encode([1])).toThrow(
      '"features" expected an index built with "features", got one with an encoder: call openEncoder of midx/encoder first',
    );
    expect(() => plain.encode([1])).toThrow('"features" expected an index built with "features", got one without');
  });

  test("refuses an encoder that does not fit, by name", async () => {
    const model = await trained({});
    const { shape, tables } = model;
    const with_ = (changed: object) => indexOf({ shape, tables: { ...tables, ...changed } });
    await expect(with_({ "gru.inputBias": new Float32Array(3) })).rejects.toThrow(
      '"encoder.tables.gru.inputBias" expected 24 values, got 3',
    );
    await expect(with_({ "gru.stateWeight": undefined })).rejects.toThrow(
      '"encoder.tables.gru.stateWeight" expected a Float32Array',
    );
    await expect(with_({ "gru.stateBias": new Float32Array(24).fill(Number.NaN) })).rejects.toThrow(
      'stateBias[0]" expected a finite',
    );
    await expect(indexOf({ shape: { ...shape, units: 0 }, tables })).rejects.toThrow(
      '"encoder.shape.units" expected an integer in 1..4096, got 0',
    );
    await expect(indexOf({ shape: {}, tables } as never)).rejects.toThrow('"encoder.shape.encoder" expected gru');
    const data = (tables.classes as Float32Array).map((value) => value + 1);
    const options = { encoder: model, rowType: "f32" } as const;
    await expect(buildIndex({ data, shape: [ITEMS, 8] }, options)).rejects.toThrow(
      '"encoder.tables.classes" expected the embeddings',
    );
  });
});
