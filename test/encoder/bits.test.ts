import { expect, test } from "vitest";
import encoderModule from "../../build/encoder.wasm";
import { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import type { EncoderModel } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";
import { plainQueries } from "../train/sequences/plain-model.ts";
import { F32 } from "./plain-gru.ts";

const [ITEMS, DIM] = [30, 12];

/** Weights of any size, in the form of PyTorch. */
function modelOf(units: number, items: "tied" | "own"): EncoderModel {
  const sizes = {
    classes: ITEMS * DIM,
    features: ITEMS * DIM,
    "gru.inputWeight": 3 * units * DIM,
    "gru.inputBias": 3 * units,
    "gru.stateWeight": 3 * units * units,
    "gru.stateBias": 3 * units,
    ...(units !== DIM && { "projection.weight": DIM * units, "projection.bias": DIM }),
  };
  const entries = Object.entries(sizes).map(([name, size], i) => [name, randomRows(size, i + 1)] as const);
  const tables = Object.fromEntries(entries.filter(([name]) => items === "own" || name !== "features"));
  return { shape: { encoder: "gru", units, items }, tables };
}

test("attention beside rows of f32 has the bits of the plain one, as encode and step by step", async () => {
  const [blocks, heads, length] = [2, 3, 4];
  const sizes: Record<string, number> = { classes: ITEMS * DIM, "attention.positions": length * DIM };
  for (const name of ["normWeight", "normBias"]) sizes[`attention.${name}`] = (2 * blocks + 1) * DIM;
  for (const [name, outputs] of [
    ["input", 3 * DIM],
    ["output", DIM],
    ["inner", DIM],
    ["outer", DIM],
  ] as const) {
    sizes[`attention.${name}Weight`] = blocks * outputs * DIM;
    sizes[`attention.${name}Bias`] = blocks * outputs;
  }
  const tables = Object.fromEntries(Object.entries(sizes).map(([name, size], i) => [name, randomRows(size, i + 1)]));
  const encoder: EncoderModel = { shape: { encoder: "attention", blocks, heads, length, items: "tied" }, tables };
  const data = tables.classes as Float32Array;
  const { index } = await open(await buildIndex({ data, shape: [ITEMS, DIM] }, { encoder, rowType: "f32" }));
  const opened = new SequenceEncoder(index, encoderModule);
  const plain = Object.fromEntries(Object.entries(tables).map(([name, values]) => [name, [...values]]));
  let state = opened.start();
  const sequence = [3, 17, 3, 29, 0, 5];
  for (const [t, item] of sequence.entries()) {
    const read = sequence.slice(0, t + 1).slice(-length);
    const expected = Float32Array.from(plainQueries(F32, plain, DIM, read, heads).at(-1) as number[]);
    const step = opened.step(state, item);
    expect(step.query).toEqual(expected);
    expect(index.encode(sequence.slice(0, t + 1))).toEqual(expected);
    state = step.state;
  }
});

test.each([
  [12, "tied", "f32"],
  [12, "tied", "i8"],
  [36, "own", "f32"],
  [4, "own", "i8"],
] as const)(
  "an encoder of %i units, %s beside rows of %s, has the bits of the plain one",
  async (units, items, rowType) => {
    const model = modelOf(units, items);
    const data = model.tables.classes as Float32Array;
    const { index } = await open(await buildIndex({ data, shape: [ITEMS, DIM] }, { encoder: model, rowType }));
    const encoder = new SequenceEncoder(index, encoderModule);
    const plain = Object.fromEntries(Object.entries(model.tables).map(([name, values = []]) => [name, [...values]]));
    const sequence = [3, 17, 3, 29, 0];
    const expected = plainQueries(F32, plain, DIM, sequence).map((query) => Float32Array.from(query));
    let state = encoder.start();
    for (const [t, item] of sequence.entries()) {
      const step = encoder.step(state, item);
      expect(step.query).toEqual(expected[t]);
      state = step.state;
    }
    expect(index.encode(sequence)).toEqual(expected.at(-1));
  },
);
