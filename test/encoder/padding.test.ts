import { describe, expect, test } from "vitest";
import encoderDebug from "../../build/encoder.debug.wasm";
import encoderRelease from "../../build/encoder.wasm";
import { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import type { EncoderFacts } from "../../src/format/encoder-facts.ts";
import { faultyPadding, valueCount, weightTables, withPadding } from "../../src/format/encoder-weights.ts";
import type { EncoderModel } from "../../src/train/build/build-options.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomCodes, randomRows } from "../train/rows.ts";
import { plainAttentionQueries } from "./plain-attention.ts";
import { type Arithmetic, affine, F32, F64, gruStep } from "./plain-gru.ts";

// Encoders whose vectors or states have a number of values that is no multiple of 4, as SASRec's 50, run with zeros behind them.

const [ITEMS, LENGTH] = [30, 9];

interface Sizes {
  readonly dim: number;
  readonly units?: number;
  readonly items?: "tied" | "own";
  /** States of a GRU have a projection, even if they are as wide as rows. */
  readonly hasProjection?: boolean;
}

/** A made-up model of random weights. */
function modelOf({ dim, units, items = "tied", hasProjection }: Sizes): EncoderModel {
  const kind =
    units === undefined
      ? ({ kind: "attention", blocks: 2, heads: 1, length: LENGTH } as const)
      : ({ kind: "gru", units } as const);
  const facts: EncoderFacts = { ...kind, items: "own" };
  const named = weightTables(facts, dim, hasProjection).map((table, i): [string, Float32Array] => {
    const { name } = table;
    const own = name.startsWith("projection") ? `projection.${name.slice(10).toLowerCase()}` : `${facts.kind}.${name}`;
    return [own, randomRows(valueCount(table), 40 + i).map((value) => 0.4 * value)];
  });
  const vectors = {
    classes: randomRows(ITEMS * dim, 7),
    ...(items === "own" && { features: randomRows(ITEMS * dim, 8) }),
  };
  const { kind: encoder, ...sizes } = kind;
  return { shape: { encoder, ...sizes, items }, tables: { ...Object.fromEntries(named), ...vectors } } as EncoderModel;
}

async function encoderOf(model: EncoderModel, dim: number, module: WebAssembly.Module) {
  const data = model.tables.classes as Float32Array;
  const file = await buildIndex({ data, shape: [ITEMS, dim] }, { encoder: model, rowType: "f32" });
  return new SequenceEncoder((await open(file)).index, module);
}

const rowsOf = (values: Float32Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);

/** The query after some items, by plain code. */
function plainQuery(a: Arithmetic, { tables, shape }: EncoderModel, dim: number, items: Iterable<number>): number[] {
  const table = (name: string): Float32Array => tables[name] as Float32Array;
  const vectors = rowsOf(table(shape.items === "own" ? "features" : "classes"), dim);
  const read = Array.from(items, (id) => vectors[id] as number[]);
  if (shape.encoder === "attention") {
    const plain = Object.fromEntries(
      Object.entries(tables).map(([name, values]) => [name, [...(values as Float32Array)]]),
    );
    return plainAttentionQueries(a, { tables: plain, dim, heads: 1 }, read.slice(-LENGTH)).at(-1) as number[];
  }
  const units = shape.units as number;
  const layer = (name: string, width: number, input: number[]): number[] =>
    affine(
      a,
      rowsOf(table(`${name}eight`), width),
      [...table(`${name.slice(0, -1)}${name.endsWith("W") ? "B" : "b"}ias`)],
      input,
    );
  let state = new Array<number>(units).fill(0);
  for (const vector of read) {
    state = gruStep(a, layer("gru.inputW", dim, vector), layer("gru.stateW", units, state), state).out;
  }
  return tables["projection.weight"] ? layer("projection.w", units, state) : state;
}

describe.each([
  ["debug", encoderDebug],
  ["release", encoderRelease],
])("an encoder with padding, by the %s module", (_, module) => {
  test.each<[string, Sizes]>([
    ["attention over 50 values", { dim: 50 }],
    ["attention over 7 values, with a table of its own", { dim: 7, items: "own" }],
    ["attention over 2 values", { dim: 2 }],
    ["50 units for rows of 50 values", { dim: 50, units: 50 }],
    ["6 units for rows of 10 values", { dim: 10, units: 6, items: "own" }],
    ["50 units for rows of 52 values: the same with their padding, and a projection", { dim: 52, units: 50 }],
    ["8 units for rows of 5 values", { dim: 5, units: 8 }],
    ["a projection of 8 units for rows of 8 values", { dim: 8, units: 8, hasProjection: true }],
    ["a projection of 7 units for rows of 7 values", { dim: 7, units: 7, items: "own", hasProjection: true }],
  ])("has the bits of the plain one, and of its own steps: %s", async (_name, sizes) => {
    const { dim } = sizes;
    const model = modelOf(sizes);
    const encoder = await encoderOf(model, dim, module);
    const items = randomCodes(LENGTH + 3, ITEMS, 3);
    let state = encoder.start();
    for (let count = 1; count <= items.length; count++) {
      const query = encoder.encode([...items.subarray(0, count)]);
      expect([...query]).toEqual(plainQuery(F32, model, dim, items.subarray(0, count)));
      for (const [d, value] of plainQuery(F64, model, dim, items.subarray(0, count)).entries()) {
        expect(Math.abs((query[d] as number) - value)).toBeLessThan(5e-5);
      }
      const step = encoder.step(state, items[count - 1] as number);
      expect(step.query).toEqual(query);
      state = step.state;
    }
    expect(encoder.read(encoder.start(), [...items])).toEqual({ state, query: encoder.encode([...items]) });
  });
});

test("heads that padding would mix are refused", async () => {
  const { shape, tables } = modelOf({ dim: 50 });
  await expect(encoderOf({ shape: { ...shape, heads: 2 }, tables }, 50, encoderRelease)).rejects.toThrow(
    '"encoder.shape.heads" expected 1 with embeddings of 50 values, got 2',
  );
});

test("half a projection of states as wide as rows is refused", async () => {
  const { shape, tables } = modelOf({ dim: 8, units: 8, hasProjection: true });
  for (const name of ["projection.weight", "projection.bias"]) {
    const model = { shape, tables: { ...tables, [name]: undefined } } as EncoderModel;
    await expect(encoderOf(model, 8, encoderRelease)).rejects.toThrow(
      `"encoder.tables.${name}" expected a Float32Array`,
    );
  }
});

test("padding stays with its vectors in a compaction, and is 0", async () => {
  const model = modelOf({ dim: 7, items: "own" });
  const labels = Array.from({ length: ITEMS }, (_, id) => `item ${id}`);
  const data = model.tables.classes as Float32Array;
  const file = await buildIndex({ data, shape: [ITEMS, 7] }, { encoder: model, rowType: "f32", labels });
  const { file: compacted } = await compact(file, [{ removals: ["item 0", "item 4"] }], { calibrate: "carry" });
  const [before, after] = await Promise.all(
    [file, compacted].map(async (bytes) => new SequenceEncoder((await open(bytes)).index, encoderRelease)),
  );
  const sequence = ["item 3", "item 29", "item 5"];
  expect(after?.encode(sequence)).toEqual(before?.encode(sequence));
  const table = { name: "inputWeight", parts: 3, rows: 2, columns: 5 };
  const stored = withPadding(table, new Float32Array(30).fill(1));
  expect([stored.length, faultyPadding(table, stored)]).toEqual([96, -1]);
  for (const at of [5, 16, 95]) expect(faultyPadding(table, stored.with(at, 1e-9))).toBe(at);
});
