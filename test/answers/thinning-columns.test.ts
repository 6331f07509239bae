import { expect, test } from "vitest";
import { clusteredHead } from "../../bench/trust/synthetic.ts";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { applyChanges } from "../../src/changes/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type Open, open } from "../fixtures/open.ts";
import { ITEM_COUNT, isThin, LIMITS, SIZES } from "../fixtures/thinning-heads.ts";
import { EVERY } from "../run/size.ts";
import { meanOf, varianceOf } from "../statistics/drawn-estimate.ts";
import { logSumExp } from "../statistics/enumeration.ts";

// Filters of columns and lists of excluded classes thin out, beside changes, which filter by weight: somebody who looks for what is
// in stock, and has seen a hundred items of a catalogue that changes.

const { data, bias, queries, dim } = clusteredHead({ ...SIZES, seed: 31 });
const queryOf = (row: number): Float32Array => queries.subarray(row * dim, (row + 1) * dim);
const isInStock = (id: number): boolean => (Math.imul(id, 0x9e3779b1) >>> 8) % 4 > 0;
const ALL = Array.from({ length: ITEM_COUNT }, (_, id) => id);

/** Half of the classes, and similar ones: those with the larger scores for the first query. */
const scores = ALL.map((id) => queryOf(0).reduce((sum, value, d) => sum + value * (data[id * dim + d] as number), 0));
const middle = scores.toSorted((a, b) => a - b)[ITEM_COUNT / 2] as number;
const isNear = (id: number): boolean => (scores[id] as number) >= middle;
const file = await buildIndex(
  { data, shape: [ITEM_COUNT, dim] },
  {
    ...(bias && { bias }),
    seed: 1,
    rowType: "f32",
    columns: {
      inStock: { type: "boolean", values: ALL.map(isInStock) },
      near: { type: "boolean", values: ALL.map(isNear) },
    },
  },
);

/** Removes a twentieth of the classes, and gives others the rows of their neighbours. */
const REMOVED = Array.from({ length: ITEM_COUNT / 20 }, (_, i) => i * 20 + 3);
const MOVED = Array.from({ length: 200 }, (_, i) => i * 97 + 1).filter((id) => id % 20 !== 3);
const CHANGES = {
  removals: REMOVED.map(String),
  upserts: {
    labels: MOVED.map(String),
    rows: Float32Array.from(MOVED.flatMap((id) => [...data.subarray((id + 1) * dim, (id + 2) * dim)])),
    ...(bias && { biases: Float32Array.from(MOVED, (id) => bias[id + 1] as number) }),
    columns: { inStock: MOVED.map(isInStock), near: MOVED.map(isNear) },
  },
};

async function opened(isChanged: boolean): Promise<Open> {
  const one = await open(file, { ...LIMITS, maxDelta: 500 });
  if (isChanged) applyChanges(one.index, CHANGES);
  return one;
}

const inStock = { filter: { inStock: true } };
const seen = (first: number, count: number) => ({
  exclude: Int32Array.from({ length: count }, (_, i) => first + i * 61),
});

/** Each with the classes that take part, of a file without changes. */
const CONDITIONS: readonly (readonly [ConditionOptions, (id: number) => boolean])[] = [
  [inStock, isInStock],
  [{ ...inStock, ...seen(0, 150) }, (id) => isInStock(id) && !(id % 61 === 0 && id < 150 * 61)],
  [{ ...inStock, ...seen(1, 1) }, (id) => isInStock(id) && id !== 1],
  [seen(2, 40), (id) => !(id % 61 === 2 && id < 40 * 61)],
];

/** The classes that take part, less those that changes have removed. */
function partOf(takesPart: (id: number) => boolean, isChanged: boolean): Int32Array {
  const gone = new Set(isChanged ? REMOVED : []);
  return Int32Array.from(ALL).filter((id) => takesPart(id) && !gone.has(id));
}

const logZOf = ({ index }: Open, query: Float32Array, ids: Int32Array): number =>
  logSumExp(Float64Array.from(index.score(query, ids)));

test.each([false, true])("filters and excluded classes thin out, changes: %s", async (isChanged) => {
  const one = await opened(isChanged);
  let [trusted, covered] = [0, 0];
  for (let row = 0; row < SIZES.queryCount; row++) {
    for (const [conditions, takesPart] of CONDITIONS) {
      const part = partOf(takesPart, isChanged);
      const answer = one.index.predict(queryOf(row), 10, { ...conditions, scan: 256, seed: row });
      expect(isThin(one)).toBe(true);
      expect(one.opened.conditions.allowedCount).toBe(part.length);
      expect(answer.ids.every((id) => part.includes(id))).toBe(true);
      const error = Math.abs(answer.logPartition - logZOf(one, queryOf(row), part));
      if (!answer.lowEss) trusted++;
      if (!answer.lowEss && error <= 1.96 * answer.standardError) covered++;
    }
  }
  expect(trusted).toBeGreaterThan(0.9 * CONDITIONS.length * SIZES.queryCount);
  expect(covered / trusted).toBeGreaterThan(0.94);
});

test.each([false, true])("bars hold under filters that leave similar classes, changes: %s", async (isChanged) => {
  const one = await opened(isChanged);
  let [asked, trusted, covered, thin] = [0, 0, 0, 0];
  for (const near of [true, false]) {
    const part = partOf((id) => isNear(id) === near, isChanged);
    for (let row = 0; row < SIZES.queryCount; row++) {
      for (const temperature of [0.5, 1]) {
        const answer = one.index.predict(queryOf(row), 10, { filter: { near }, temperature, scan: 256, seed: row });
        asked++;
        if (isThin(one)) thin++;
        expect(one.opened.conditions.allowedCount).toBe(part.length);
        expect(answer.ids.every((id) => isNear(id) === near)).toBe(true);
        const logits = Float64Array.from(one.index.score(queryOf(row), part), (score) => score / temperature);
        const error = Math.abs(answer.logPartition - logSumExp(logits));
        if (!answer.lowEss) trusted++;
        if (!answer.lowEss && error <= 1.96 * answer.standardError) covered++;
      }
    }
  }
  expect(thin).toBeGreaterThan(0.5 * asked);
  expect(thin).toBeLessThan(asked); // a filter that leaves too little of the tail gives buckets their weights after all
  expect(trusted).toBeGreaterThan(0.8 * asked);
  expect(covered / trusted).toBeGreaterThan(0.94);
});

test("columns filter by weight in draws, exact answers, their decoding, and small parts", async () => {
  const one = await opened(false);
  const { index } = one;
  const query = queryOf(0);
  const isThinAfter = (ask: () => unknown): boolean => {
    ask();
    return isThin(one);
  };
  expect(isThinAfter(() => index.predict(query, 5, inStock))).toBe(true);
  expect(isThinAfter(() => index.topK(query, 5, { ...inStock, scan: 256 }))).toBe(true);
  expect(isThinAfter(() => index.logProbability(query, [5, 6], inStock))).toBe(true);
  expect(isThinAfter(() => index.sample(query, 5, inStock))).toBe(false);
  expect(isThinAfter(() => index.sample(query, 5, { ...inStock, exact: true }))).toBe(false);
  expect(isThinAfter(() => index.topK(query, 5, { ...inStock, exact: true }))).toBe(false);
  expect(isThinAfter(() => index.decode(query, inStock))).toBe(false);
  expect(isThinAfter(() => index.predict(query, 5, { ...inStock, exact: true }))).toBe(false);
  expect(isThinAfter(() => index.predict(query, 5, { ...inStock, draws: 31 }))).toBe(false);
  expect(isThinAfter(() => index.predict(query, 5, { ...inStock, ...seen(0, 150) }))).toBe(true);
  // Excluded classes thin out beside columns that do not.
  expect(isThinAfter(() => index.decode(query, { ...inStock, ...seen(0, 150) }))).toBe(true);
  const left = ALL.filter((id) => isInStock(id) && !(id % 61 === 0 && id < 150 * 61)).length;
  expect(one.opened.conditions.allowedCount).toBe(left);
});

test.each([false, true])("the estimate is unbiased over seeds, changes: %s", async (isChanged) => {
  const one = await opened(isChanged);
  const [conditions, takesPart] = CONDITIONS[1] as (typeof CONDITIONS)[number];
  const logZ = logZOf(one, queryOf(1), partOf(takesPart, isChanged));
  const ratios = Float64Array.from({ length: 300 }, (_, seed) => {
    const { logPartition } = one.index.predict(queryOf(1), 0, { ...conditions, scan: 64, draws: 32, seed });
    return Math.exp(logPartition - logZ);
  });
  expect(isThin(one)).toBe(true);
  expect(varianceOf(ratios)).toBeGreaterThan(1e-7);
  expect(Math.abs(meanOf(ratios) - 1)).toBeLessThan(5 * Math.sqrt(varianceOf(ratios) / ratios.length) + 1e-5);
});

test.each([false, true])(
  "a call has the bits that it has on a fresh index, whatever was asked before, changes: %s",
  async (isChanged) => {
    const used = await opened(isChanged);
    const few = Array.from({ length: 30 }, (_, i) => 23 * i);
    const half = new Uint8Array(ITEM_COUNT / 8).fill(0x5a);
    const options: readonly ConditionOptions[] = [
      {},
      seen(0, 150),
      { ...inStock, ...seen(0, 150) },
      { ...inStock, ...seen(7, 150), temperature: 0.7 },
      inStock,
      { filter: { near: true } },
      { filter: { near: false }, ...seen(3, 40) },
      { ...inStock, history: few, presencePenalty: 0.4 },
      { ...inStock, bias: { ids: few, values: few.map((id) => (id % 5) / 3) }, exclude: [5, 6] },
      { allow: { bitmap: half }, exclude: few },
      { allow: { bitmap: half }, ...inStock, exclude: few },
      { allow: few },
    ];
    const answersOf = ({ index }: Open, given: ConditionOptions) => [
      index.predict(queryOf(2), 5, { ...given, scan: 300, seed: 3 }),
      index.topK(queryOf(2), 5, { ...given, scan: 300 }),
      index.predict(queryOf(2), 5, { ...given, scan: 300, draws: 8, seed: 3 }),
      index.sample(queryOf(2), 9, { ...given, scan: 300, seed: 3 }),
      index.logProbability(queryOf(2), [5, 6, 1000, 1001], { ...given, scan: 300, seed: 3 }),
      index.topK(queryOf(2), 5, { ...given, exact: true }),
      index.predict(queryOf(2), 5, { ...given, scan: 300, seed: 3 }),
    ];
    const turns = [0, 1, 2, 3, 2, 4, 5, 4, 6, 2, 7, 1, 8, 9, 2, 10, 2, 11, 1, 4, 6, 9, 5, 0, 8, 6];
    for (const i of EVERY ? turns : turns.slice(0, 18)) {
      const given = options[i] as ConditionOptions;
      expect(answersOf(used, given)).toEqual(answersOf(await opened(isChanged), given));
    }
  },
);

test.each([0, 1, 3])(
  "changes that come between two calls with the same conditions take part in the second, conditions %i",
  async (which) => {
    const one = await opened(false);
    const [conditions, takesPart] = CONDITIONS[which] as (typeof CONDITIONS)[number];
    const ask = ({ index }: Open) => index.predict(queryOf(3), 5, { ...conditions, scan: 300, seed: 3 });
    const before = ask(one);
    applyChanges(one.index, CHANGES);
    const after = ask(one);
    expect(isThin(one)).toBe(true);
    expect(one.opened.conditions.allowedCount).toBe(partOf(takesPart, true).length);
    expect(after).toEqual(ask(await opened(true)));
    expect(after).not.toEqual(before);
  },
);
