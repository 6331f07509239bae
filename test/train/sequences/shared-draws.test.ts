import { expect, test } from "vitest";
import { mixLogs } from "../../../src/train/samplers/log-mixture.ts";
import type { Sampler } from "../../../src/train/samplers/sampler.ts";
import { blocksOf } from "../../../src/train/sequences/loss.ts";
import { drawFromMixture } from "../../../src/train/sequences/shared-draws.ts";
import { at } from "../../reference/at.ts";

/** Laws of three classes for queries that begin with 0, 1 and 2. */
const LAWS = [
  [0.5, 0.3, 0.2],
  [0.1, 0.1, 0.8],
  [0.25, 0.5, 0.25],
];
const QUERIES = Float32Array.of(0, 9, 1, 9, 2, 9, 1, 9);
const DIM = 2;
const lawOf = (query: Float32Array): number[] => LAWS[at(query, 0)] as number[];

/** A sampler whose n-th draw of all is the n-th of `script`, and which adds up the logarithms of their probabilities. */
function scripted(script: readonly number[], adaptive = true): { sampler: Sampler; probability: () => number } {
  let [made, probability] = [0, 1];
  const logQ = (query: Float32Array, ids: ArrayLike<number>) =>
    Float64Array.from(ids, (id) => Math.log(at(lawOf(query), id)));
  const sampler: Sampler = {
    name: "scripted",
    adaptive,
    draw(query, count) {
      const ids = Int32Array.from(script.slice(made, made + count));
      made += count;
      for (const id of ids) probability *= at(lawOf(query), id);
      return { ids, logQ: logQ(query, ids) };
    },
    logQ,
    refresh: () => ({ kind: "none", moved: 0, seconds: 0 }),
  };
  return { sampler, probability: () => probability };
}

/** All sequences of `length` classes. */
const all = (length: number): number[][] =>
  length === 0 ? [[]] : all(length - 1).flatMap((rest) => [0, 1, 2].map((id) => [...rest, id]));

test.each([
  [4, 2],
  [4, 3],
  [3, 4],
  [4, 1],
])("%i draws of the proposals of %i positions are unbiased, by enumeration", (negatives, proposals) => {
  const values = [3, 5, 11];
  let [total, expectation] = [0, 0];
  for (const script of all(negatives)) {
    const { sampler, probability } = scripted(script);
    const { ids, logQ } = drawFromMixture(mixLogs, sampler, QUERIES, DIM, { negatives, proposals }, 1n);
    expect([...ids]).toEqual(script);
    const estimate = logQ.reduce((sum, log, j) => sum + at(values, at(ids, j)) / (negatives * Math.exp(log)), 0);
    total += probability();
    expectation += probability() * estimate;
  }
  expect(total).toBeCloseTo(1, 12);
  expect(expectation).toBeCloseTo(19, 10);
});

test("log Q is that of the mixture, in the shares of the draws", () => {
  const { sampler } = scripted([0, 1, 2, 0, 1]);
  const { ids, logQ } = drawFromMixture(mixLogs, sampler, QUERIES, DIM, { negatives: 5, proposals: 2 }, 1n);
  // Positions 1 and 3 of 0 … 3 are asked, for two and three draws.
  const mixture = [0, 1, 2].map((id) => (2 / 5) * at(LAWS[1] ?? [], id) + (3 / 5) * at(LAWS[1] ?? [], id));
  for (const [j, id] of ids.entries()) expect(Math.exp(at(logQ, j))).toBeCloseTo(at(mixture, id), 12);
});

test("a sampler that does not depend on the query draws once", () => {
  const { sampler } = scripted([2, 2, 0], false);
  let calls = 0;
  const counting: Sampler = {
    ...sampler,
    draw(...args) {
      calls++;
      return sampler.draw(...args);
    },
  };
  const { ids } = drawFromMixture(mixLogs, counting, QUERIES, DIM, { negatives: 3, proposals: 4 }, 1n);
  expect([...ids]).toEqual([2, 2, 0]);
  expect(calls).toBe(1);
});

test("windows share draws as long as they have few enough positions together", () => {
  const spans = [7, 4, 2, 1, 1, 1].map((length, i, all) => ({
    first: all.slice(0, i).reduce((sum, before) => sum + before, 0),
    length,
  }));
  const lengthsOf = (most: number) => blocksOf(spans, most).map(({ length }) => length);
  expect(blocksOf(spans, 1)).toEqual(spans);
  expect(lengthsOf(2)).toEqual([7, 4, 2, 2, 1]);
  expect(lengthsOf(6)).toEqual([7, 6, 3]);
  expect(lengthsOf(16)).toEqual([16]);
  expect(blocksOf(spans, 6)[1]).toEqual({ first: 7, length: 6 });
  expect(blocksOf([], 6)).toEqual([]);
});
