import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import * as abi from "../../src/abi.ts";
import { halfToFloat } from "../../src/bytes/float16.ts";
import type { IndexFacts } from "../../src/format/facts.ts";
import { Arena } from "../fixtures/arena.ts";
import { anyQuery, biases } from "../fixtures/index-cases.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { describeBuilds, openTiny } from "../fixtures/opened.ts";
import { padRows, storedRows, tinyIndex } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";
import { type PreparedQuery, prepareQuery } from "../reference/query.ts";
import type { ReferenceIndex } from "../reference/reference-index.ts";
import { putLayout } from "./hand-layout.ts";

const DIMS = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
const ROW_TYPE_NUMBERS = { f32: abi.ROWS_F32, f16: abi.ROWS_F16, i8: abi.ROWS_I8 };
const ROW_TYPES = ["f32", "f16", "i8"] as const;
const ITEMS = 7;

/** f32's unit roundoff. */
const U = 2 ** -24;

const indexOf = (rows: IndexFacts["rows"], dim: number, values: "integer" | "random", bias?: Float32Array) =>
  tinyIndex({ itemCount: ITEMS, dim, bits: 0, rows, values, seed: dim, ...(bias && { bias }) });

describeKernels("scoreScattered", (kernels) => {
  test.each(ROW_TYPES)("equals the reference bit for bit, and writes and reads nothing else: %s", (rows) => {
    for (const dim of DIMS) {
      for (const bias of [undefined, biases(ITEMS, dim)]) {
        const index = indexOf(rows, dim, "random", bias);
        const prepared = prepareQuery(index, anyQuery(index, dim));
        for (const count of [0, 1, 4, 31, 32, 33, 63, 64, 65, 100]) {
          const positions = Array.from({ length: count }, (_, i) => (5 * i + 6) % ITEMS);
          const expected = reference.scorePositions(index, prepared, Int32Array.from(positions));
          const { scores, strayWrites } = scoreInto(kernels, index, prepared, positions, "scoreScattered");
          expect(scores, `D = ${dim}, ${count} rows`).toEqual(expected);
          expect(strayWrites).toEqual([]);
        }
      }
    }
  });
});

describeKernels("scorePositions", (kernels) => {
  test.each(ROW_TYPES)("equals the reference bit for bit, with the last row at the end of memory: %s", (rows) => {
    for (const dim of DIMS) {
      for (const bias of [undefined, biases(ITEMS, dim)]) {
        const index = indexOf(rows, dim, "random", bias);
        const prepared = prepareQuery(index, anyQuery(index, dim));
        for (const positions of [[], [6], [6, 0, 6], [3, 2, 1, 6], [0, 1, 2, 3, 6], [6, 5, 4, 3, 2, 1, 0, 6, 6]]) {
          const expected = reference.scorePositions(index, prepared, Int32Array.from(positions));
          expect(scorePositions(kernels, index, prepared, positions), `D = ${dim}`).toEqual(expected);
        }
      }
    }
  });

  test.each(["f32", "f16"] as const)("is exact on integers: %s", (rows) => {
    for (const dim of DIMS) {
      const index = indexOf(rows, dim, "integer", Float32Array.of(-3, 0, 5, 100, 2, 1, -70));
      const query = Float32Array.from({ length: dim }, (_, d) => (d % 9) - 4);
      const positions = [0, 1, 2, 3, 4, 5, 6];
      const expected = Float32Array.from(positions, (p) => exactScore(index, query, p));
      expect(scorePositions(kernels, index, prepareQuery(index, query), positions), `D = ${dim}`).toEqual(expected);
    }
  });

  test("decodes every finite half", () => {
    const halves = Uint16Array.from({ length: 63488 }, (_, i) => (i < 0x7c00 ? i : i + 0x400));
    const index: ReferenceIndex = {
      ...tinyIndex({ itemCount: 0, dim: 1, bits: 0, rows: "f16" }),
      rows: Float32Array.from(halves, halfToFloat),
    };
    const whole = { ...index, facts: { ...index.facts, itemCount: halves.length } };
    const scores = scorePositions(kernels, whole, prepareQuery(whole, Float32Array.of(1)), [...halves.keys()]);
    expect(scores).toEqual(whole.rows.map((value) => value + 0)); // a sum of +0 and −0 is +0
  });

  test("pads the positions with the last one and writes nothing but whole vectors of scores", () => {
    const index = indexOf("f32", 5, "random", biases(ITEMS, 1));
    const { positions, strayWrites } = scoreInto(
      kernels,
      index,
      prepareQuery(index, anyQuery(index, 1)),
      [2, 0, 4, 6, 1],
    );
    expect(Array.from(positions)).toEqual([2, 0, 4, 6, 1, 1, 1, 1]);
    expect(strayWrites).toEqual([]);
  });
});

describe("the score of an int8 row", () => {
  /**
   * The error against ⟨z, scale · r⟩ + bias in f64. The query is off by half a step for each value: scale · step / 2 ·
   * Σ|r|. Four roundings of the product (the i32, the step, scale · step, their product) are at most u of it each, and
   * the sum with the bias u of the score. Second-order terms fit into the factor.
   */
  function bound(index: ReferenceIndex, prepared: PreparedQuery, position: number, score: number): number {
    const { dim } = index.facts;
    const row = index.rows.subarray(position * dim, (position + 1) * dim);
    const unit = (index.rowScales?.[position] as number) * prepared.queryStep;
    const fixed = Math.abs(score - (index.bias?.[position] ?? 0));
    return (
      (1 + 1e-5) *
      ((unit / 2) * row.reduce((sum, code) => sum + Math.abs(code), 0) + 4 * U * fixed + U * Math.abs(score))
    );
  }

  test("is within half a query step and five roundings of the stored row's, in f64", () => {
    for (const dim of [...DIMS, 600]) {
      for (const [seed, scale] of [1e-6, 1, 3000].entries()) {
        const index = indexOf("i8", dim, "random", seed === 1 ? undefined : biases(ITEMS, dim));
        const query = anyQuery(index, seed, scale);
        const prepared = prepareQuery(index, query);
        const scores = reference.scorePositions(
          index,
          prepared,
          Int32Array.from({ length: ITEMS }, (_, p) => p),
        );
        for (const [position, score] of scores.entries()) {
          const error = Math.abs(score - exactScore(index, query, position));
          expect(error, `D = ${dim}`).toBeLessThanOrEqual(bound(index, prepared, position, score));
        }
      }
    }
  });

  test("rests on integers below 2^31, also where the query and the rows are as large as can be", () => {
    for (const dim of [516, 517, 4096]) {
      const index = tinyIndex({ itemCount: 1, dim, bits: 0, rows: "i8" });
      index.rows.fill(-127);
      const prepared = prepareQuery(index, new Float32Array(dim).fill(2 ** 40));
      const integer = prepared.fixedQuery.reduce((sum, value) => sum + value * -127, 0);
      expect(integer).toBeLessThan(-2.14e9);
      expect(integer).toBeGreaterThan(-(2 ** 31));
      const unit = Math.fround((index.rowScales?.[0] as number) * Math.fround(prepared.queryStep));
      expect(reference.scorePositions(index, prepared, Int32Array.of(0))[0]).toBe(
        Math.fround(Math.fround(integer) * unit),
      );
    }
  });
});

describeBuilds("scores of an opened index", (modules) => {
  test.each(ROW_TYPES)(
    "equal the reference, by class and by position, up to the largest int8 product: %s",
    async (rows) => {
      for (const dim of [3, 16, 4096]) {
        const index = tinyIndex({ itemCount: 9, dim, bits: 1, rows, bias: biases(9, dim), seed: dim });
        if (rows === "i8") index.rows.fill(127, 0, 4 * dim).fill(-127, 4 * dim);
        const opened = await openTiny(modules, index);
        for (const query of [anyQuery(index, 1), new Float32Array(dim).fill(2 ** 20), new Float32Array(dim)]) {
          const prepared = prepareQuery(index, query);
          opened.ask(query);

          const ids = Int32Array.of(8, 0, 3, 3, 5, 1, 7);
          opened.write("drawPositions", ids);
          const [positions, scores] = [opened.address("drawPositions"), opened.address("drawScores")];
          opened.kernels.scoreIds(opened.layout, positions, ids.length, scores);
          const byId = opened.read(Float32Array, "drawScores", ids.length);
          expect(byId).toEqual(reference.scoreIds(index, prepared, ids));
          expect(opened.read(Int32Array, "drawPositions", ids.length)).toEqual(ids.map((id) => index.ids.indexOf(id)));

          opened.kernels.scorePositions(opened.layout, positions, ids.length, scores);
          expect(opened.read(Float32Array, "drawScores", ids.length)).toEqual(byId);
        }
        expect(opened.strayWrites()).toEqual([]);
      }
    },
  );
});

function scorePositions(
  kernels: Kernels,
  index: ReferenceIndex,
  prepared: PreparedQuery,
  positions: readonly number[],
): Float32Array {
  return scoreInto(kernels, index, prepared, positions).scores;
}

/** Scores with a Layout made by hand and the rows at the end of the memory. */
function scoreInto(
  kernels: Kernels,
  index: ReferenceIndex,
  prepared: PreparedQuery,
  positions: readonly number[],
  kernel: "scorePositions" | "scoreScattered" = "scorePositions",
): { scores: Float32Array; positions: Int32Array; strayWrites: number[] } {
  const arena = new Arena(kernels);
  const rows = storedRows(index);
  const stride = rows.length / index.facts.itemCount;
  const room = 4 * Math.ceil(positions.length / 4);
  const search = new Float64Array(structs.SEARCH_BYTES / 8);
  search[structs.SEARCH_QUERY_STEP / 8] = prepared.queryStep;
  const fixedQuery = new Int16Array(stride);
  fixedQuery.set(prepared.fixedQuery);
  const places = Int32Array.from({ length: room }, (_, i) => positions[i] ?? -1);
  const positionsPtr = arena.put(places);
  const out = arena.take(4 * room);
  const layout = putLayout(
    arena,
    new Map([
      [structs.LAYOUT_ROW_TYPE, ROW_TYPE_NUMBERS[index.facts.rows]],
      [structs.LAYOUT_ROW_BYTES, stride * rows.BYTES_PER_ELEMENT],
      [structs.LAYOUT_ROW_SCALES, index.rowScales ? arena.put(index.rowScales) : 0],
      [structs.LAYOUT_BIAS, index.bias ? arena.put(index.bias) : 0],
      [structs.LAYOUT_QUERY, arena.put(padRows(prepared.query, 1, index.facts.dim, stride))],
      [structs.LAYOUT_FIXED_QUERY, arena.put(new Uint16Array(fixedQuery.buffer))],
      [structs.LAYOUT_SEARCH, arena.put(search)],
      [structs.LAYOUT_ROWS, arena.putLast(rows)],
    ]),
  );
  kernels[kernel](layout, positionsPtr, positions.length, out);
  return {
    scores: arena.read(Float32Array, out, positions.length),
    positions: arena.read(Int32Array, positionsPtr, room),
    strayWrites: arena.strayWrites(),
  };
}

function exactScore(index: ReferenceIndex, query: Float32Array, position: number): number {
  const scale = index.rowScales?.[position] ?? 1;
  const dot = query.reduce((sum, value, d) => sum + value * (index.rows[position * query.length + d] as number), 0);
  return scale * dot + (index.bias?.[position] ?? 0);
}
