import { describe, expect, test } from "vitest";
import { exp64, log64 } from "../../src/arithmetic/exp-log.ts";
import { topWithDrawn } from "../../src/decode/top-with-drawn.ts";
import { load } from "../../src/index.ts";
import { type Part, PartedIndex, partOf } from "../../src/parts/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

const functions = { exp64, log64 };
const estimated = {
  ids: Int32Array.of(7, 2, 9),
  scores: Float32Array.of(4, 3, 1),
  logPartition: 5,
  standardError: 0.02,
};

describe("the best classes of an estimate", () => {
  test("stay as they are beside a class that they have, or that is worse", () => {
    const expected = {
      ids: Int32Array.of(7, 2, 9),
      logProbabilities: Float64Array.of(-1, -2, -4),
      standardError: 0.02,
    };
    expect(topWithDrawn(functions, estimated, { id: 2, score: 3 }, 3, 1)).toEqual({ ...expected, logProbability: -2 });
    expect(topWithDrawn(functions, estimated, { id: 4, score: 0.5 }, 3, 1)).toEqual({
      ...expected,
      logProbability: -4.5,
    });
  });

  test("take in a drawn class that is better, of equal ones behind the lower id", () => {
    const ids = (id: number, score: number) => Array.from(topWithDrawn(functions, estimated, { id, score }, 3, 1).ids);
    expect(ids(4, 3.5)).toEqual([7, 4, 2]);
    expect(ids(1, 3)).toEqual([7, 1, 2]);
    expect(ids(3, 3)).toEqual([7, 2, 3]);
    expect(ids(8, 4.5)).toEqual([8, 7, 2]);
  });

  test("have at least the mass of what is known, and then no error bar", () => {
    const { logProbabilities, logProbability, standardError } = topWithDrawn(
      functions,
      estimated,
      { id: 4, score: 6 },
      2,
      1,
    );
    const logZ = Math.log([6, 4, 3, 1].reduce((sum, score) => sum + Math.exp(score), 0));
    expect(logProbability).toBeCloseTo(6 - logZ, 12);
    expect(Array.from(logProbabilities)).toEqual([6, 4].map((score) => expect.closeTo(score - logZ, 12)));
    expect(standardError).toBe(Number.POSITIVE_INFINITY);
    expect(topWithDrawn(functions, estimated, { id: 4, score: 12 }, 2, 0.5).logProbability).toBeLessThan(0);
  });

  test("of no class at all are the one that was drawn", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), logPartition: -Infinity, standardError: 0 };
    expect(topWithDrawn(functions, none, { id: 4, score: 6 }, 2, 1)).toMatchObject({
      ids: Int32Array.of(4),
      logProbability: 0,
    });
  });
});

/** A part that does not read all of its rows for an estimate, so that a flagged one stays. */
const withoutAllRows = (part: Part): Part => ({
  info: part.info,
  answer: async (question) => {
    if (question.call === "predict" && question.options.exact) throw new Error("too much work");
    return part.answer(question);
  },
});

describe("queries that point at single rows", async () => {
  const [COUNT, DIM, QUERIES] = [24_000, 96, 30];
  const data = randomRows(COUNT * DIM, 1);
  const queryOf = (i: number): Float32Array => data.slice((2 * i + 300) * DIM, (2 * i + 301) * DIM);
  const options = { bits: 2, seed: 1, calibrate: "off", rowType: "f32" } as const;
  const built = async (first: number, end: number) =>
    load(await buildIndex({ data: data.slice(first * DIM, end * DIM), shape: [end - first, DIM] }, options), {
      maxScan: 64,
    });
  const index = await built(0, COUNT);
  const halves = [await built(0, COUNT / 2), await built(COUNT / 2, COUNT)];
  const parted = new PartedIndex(halves.map((half, number) => withoutAllRows(partOf(half, { number }))));

  test.each([
    ["one index", index, false],
    ["two parts that do not read all rows", parted, true],
  ] as const)("have the class drawn at the top, and no log-probability above 0: %s", async (_, asked, isFlagged) => {
    let raised = 0;
    for (let i = 0; i < QUERIES; i++) {
      const { id, top } = await asked.decode(queryOf(i), { temperature: 0, topLogProbabilities: 3, seed: 1 });
      expect(top?.ids[0]).toBe(id);
      expect(top?.logProbability).toBe(top?.logProbabilities[0]);
      expect(top?.logProbability).toBeLessThanOrEqual(5e-4);
      if (top?.standardError === Number.POSITIVE_INFINITY) raised++;
      const drawn = await asked.decode(queryOf(i), { seed: 1 });
      expect(drawn.logProbability).toBeLessThanOrEqual(5e-4);
    }
    expect(raised > 0).toBe(isFlagged);
  });
});
