import { describe, expect, test } from "vitest";
import type { TopKOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { smallIndexes } from "../fixtures/small-indexes.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";

const indexes = (await smallIndexes()).filter(({ itemCount }) => itemCount > 0);

/** The cosine of two stored rows, in f64. */
function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, d) => sum + value * (y[d] as number), 0);
  const length = Math.sqrt(dot(a, a) * dot(b, b));
  return length > 0 ? dot(a, b) / length : 0;
}

/** Whether each of the ids has the largest marginal relevance of those left in the pool, up to the rounding of f32. */
function isGreedy(index: MultiIndex, pool: { ids: Int32Array; scores: Float32Array }, lambda: number, ids: Int32Array) {
  const rows = Array.from(pool.ids, (id) => index.rows([id]));
  const scores = Array.from(pool.scores);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const places = Array.from(ids, (id) => pool.ids.indexOf(id));
  return places.every((place, at) => {
    const before = places.slice(0, at);
    const marginOf = (i: number): number => {
      const relevance = high > low ? ((scores[i] as number) - low) / (high - low) : 0;
      const similar = before.map((j) => cosine(rows[i] as Float32Array, rows[j] as Float32Array));
      return lambda * relevance - (1 - lambda) * (at > 0 ? Math.max(...similar) : 0);
    };
    const left = [...scores.keys()].filter((i) => !before.includes(i));
    return place >= 0 && !before.includes(place) && Math.max(...left.map(marginOf)) - marginOf(place) < 1e-5;
  });
}

describe.each(inTurnByName(indexes))("diverse answers, $name", ({ file, queries }) => {
  test("are chosen greedily from the pool by relevance and similarity, with the scores of their classes", async () => {
    const { index } = await open(file);
    for (const query of inTurn(queries, 2)) {
      for (const lambda of [0, 0.3, 0.7, 0.999]) {
        for (const options of [{ exact: true }, { scan: 5, exclude: [0] }] satisfies TopKOptions[]) {
          const pool = index.topK(query, 24, options);
          const diverse = index.topK(query, 6, { ...options, diversity: { lambda, pool: 24 } });
          expect(diverse.ids.length).toBe(Math.min(6, pool.ids.length));
          expect(diverse.ids[0]).toBe(pool.ids[0]);
          expect(isGreedy(index, pool, lambda, diverse.ids)).toBe(true);
          expect(diverse.scores).toEqual(index.score(query, diverse.ids));
          expect([diverse.exact, diverse.scored]).toEqual([pool.exact, pool.scored]);
        }
      }
    }
  });

  test("with lambda 1 are those without diversity, bit for bit", async () => {
    const { index } = await open(file);
    for (const query of queries) {
      const diversity = { lambda: 1 };
      for (const options of [{ exact: true }, { scan: 3 }, {}]) {
        expect(index.topK(query, 6, { ...options, diversity })).toEqual(index.topK(query, 6, options));
        const seeded = { ...options, seed: 1 };
        expect(index.predict(query, 6, { ...seeded, diversity })).toEqual(index.predict(query, 6, seeded));
      }
    }
  });

  test("of predict have the probabilities of their classes, and batches are single calls", async () => {
    const { index } = await open(file);
    const options = { seed: 1, diversity: { lambda: 0.4 } };
    const singles = queries.map((query) => index.predict(query, 5, options));
    const all = Float32Array.from(queries.flatMap((query) => [...query]));
    expect(index.predict(all, 5, { ...options, batch: queries.length })).toEqual(singles);
    for (const [i, { ids, probabilities, scores, logPartition }] of singles.entries()) {
      const pool = index.predict(queries[i] as Float32Array, 64, { seed: 1 });
      expect(logPartition).toBe(pool.logPartition);
      const places = Array.from(ids, (id) => pool.ids.indexOf(id));
      expect(Array.from(probabilities)).toEqual(places.map((place) => pool.probabilities[place]));
      expect(Array.from(scores)).toEqual(places.map((place) => pool.scores[place]));
    }
  });
});

/** Every fifth index, so that each quantizer and row type has its turn. */
function inTurnByName<T>(cases: readonly T[]): T[] {
  return cases.filter((_, i) => i % 5 === 0);
}

describe("copies of the best class", () => {
  /** Ten copies of each of six rows. */
  const rows = Float32Array.from(
    { length: 60 * 8 },
    (_, i) => randomRows(48, 5)[((i >> 3) % 6) * 8 + (i % 8)] as number,
  );

  test.each(["f32", "f16", "i8"] as const)("leave the answer, ties go to the lower id: %s", async (rowType) => {
    const { index } = await open(await build({ data: rows, shape: [60, 8] }, { bits: 2, rowType, seed: 1 }));
    const query = rows.subarray(0, 8);
    const plain = index.topK(query, 6, { exact: true });
    expect(new Set(plain.ids.map((id) => id % 6)).size).toBe(1);
    const diverse = index.topK(query, 6, { exact: true, diversity: {} });
    expect(new Set(diverse.ids.map((id) => id % 6)).size).toBe(6);
    expect(diverse.ids.every((id) => id < 6)).toBe(true); // of equal rows the first
  });
});

test("bad options are named, with what was expected", async () => {
  const { file, queries, itemCount } = indexes.at(-1) as (typeof indexes)[number];
  const { index } = await open(file, { maxK: 64 });
  const [query] = queries as [Float32Array];
  const refusal = (diversity: object) => () => index.topK(query, 10, { diversity });
  expect(refusal({ lambda: 1.5 })).toThrow(new RangeError('"diversity.lambda" expected 0 to 1, got 1.5'));
  expect(refusal({ lambda: Number.NaN })).toThrow(RangeError);
  expect(refusal({ pool: 9 })).toThrow(new RangeError('"diversity.pool" expected at least 10 (k), got 9'));
  expect(refusal({ pool: 0.5 })).toThrow(new TypeError('"diversity.pool" expected an integer, got 0.5'));
  if (itemCount > 64) expect(refusal({ pool: 65 })).toThrow('"diversity.pool" expected at most 64 (maxK), got 65');
  expect(refusal({ lamda: 0.5 })).toThrow('"lamda" is not an option of diversity: did you mean "lambda"?');
  expect(refusal([])).toThrow(new TypeError('"diversity" expected an object, got an array'));
  expect(() => index.sample(query, 10, { diversity: {} } as never)).toThrow('"diversity" is not an option of sample');
});
