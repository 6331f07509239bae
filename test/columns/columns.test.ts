import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Filter } from "../../src/columns/filter.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { build } from "../../src/train/index.ts";
import { COLUMNS, columnsOf, filters, passes, type Row, rows } from "../fixtures/columns-model.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

const N = 70;
const DIM = 4;
const DATA = randomRows(N * DIM, 3);
const QUERY = randomRows(DIM, 4);
const BIAS = randomRows(N, 5);
const SEED = 9;
const NAMESPACES = ["one", "two", null] as const;

const fileOf = (all: readonly Row[]): Promise<Uint8Array<ArrayBuffer>> =>
  build(
    { data: DATA, shape: [N, DIM] },
    {
      ...{ columns: columnsOf(all), namespaces: all.map((_, id) => NAMESPACES[id % 3]), bias: BIAS },
      ...{ fineCodes: true, bits: 2, calibrate: "off" },
    },
  );

const indexOf = async (all: readonly Row[]): Promise<MultiIndex> => (await open(await fileOf(all), { maxK: N })).index;

/** The rows that fast-check draws for tests of their own filters. */
const [ROWS] = fc.sample(rows(N), { seed: SEED, numRuns: 1 }) as [Row[]];
const idsOf = (all: readonly Row[], filter: Filter): number[] =>
  Array.from(all.keys()).filter((id) => passes(all[id] as Row, filter));

/** Every call, with these conditions. */
const answersOf = (index: MultiIndex, conditions: object): unknown[] => [
  index.topK(QUERY, 5, conditions),
  index.topK(QUERY, 5, { ...conditions, exact: true }),
  index.topK(QUERY, 5, { ...conditions, rescore: 9 }),
  index.predict(QUERY, 5, { ...conditions, scan: 8, seed: 1 }),
  index.logPartition(QUERY, { ...conditions, proposal: "codes", scan: 8, seed: 1 }),
  index.logProbability(QUERY, [3, 4], { ...conditions, seed: 1 }),
  index.sampleTopK(QUERY, 4, { ...conditions, seed: 2 }),
  index.slateLogProbability(QUERY, [1, 2], conditions),
  index.logQ(QUERY, [1, 2, 3], { ...conditions, scan: 8 }),
];

describe("a filter of columns", () => {
  test("leaves the classes that a plain filter over objects leaves, in every column", async () => {
    await fc.assert(
      fc.asyncProperty(rows(N), fc.array(filters, { minLength: 30, maxLength: 30 }), async (all, wanted) => {
        const index = await indexOf(all);
        for (const filter of wanted) {
          const { ids } = index.topK(QUERY, N, { filter, exact: true });
          expect(
            Array.from(ids).sort((a, b) => a - b),
            JSON.stringify(filter),
          ).toEqual(idsOf(all, filter));
        }
        index.dispose();
      }),
      { seed: SEED, numRuns: 6 },
    );
  });

  test("gives the bits of allow with these ids, beside exclude, allow, bias and a namespace too", async () => {
    const index = await indexOf(ROWS);
    const beside = { exclude: [3, 9, 40], bias: { ids: [1, 2, 5], values: [3, -1, Number.NEGATIVE_INFINITY] } };
    const even = Array.from({ length: N }, (_, id) => id).filter((id) => id % 2 === 0);
    const bitmap = new Uint8Array(Math.ceil(N / 8)).fill(0b01010101);
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const ids = idsOf(ROWS, filter);
        expect(answersOf(index, { filter, ...beside })).toEqual(answersOf(index, { allow: ids, ...beside }));
        const both = ids.filter((id) => id % 2 === 0);
        const expected = answersOf(index, { allow: both, temperature: 0.7 });
        expect(answersOf(index, { filter, allow: even, temperature: 0.7 })).toEqual(expected);
        expect(answersOf(index, { filter, allow: { bitmap }, temperature: 0.7 })).toEqual(expected);
        const own = ids.filter((id) => id % 3 === 1);
        expect(answersOf(index, { filter, namespace: "two" })).toEqual(answersOf(index, { allow: own }));
        if (ids.length > 0) {
          const options = { temperature: 0.7, topP: 0.8, seed: 3 };
          expect(index.decode(QUERY, { filter, ...options })).toEqual(index.decode(QUERY, { allow: ids, ...options }));
        }
      }),
      { seed: SEED, numRuns: 20 },
    );
  });

  test("has a Q that sums to 1 over the classes that pass, and none elsewhere", async () => {
    const index = await indexOf(ROWS);
    const all = Array.from({ length: N }, (_, id) => id);
    for (const filter of fc.sample(filters, { seed: 5, numRuns: 40 })) {
      const ids = new Set(idsOf(ROWS, filter));
      for (const proposal of ["buckets", "codes"] as const) {
        const logQ = index.logQ(QUERY, all, { filter, proposal, scan: 6 });
        expect(all.filter((id) => logQ[id] !== Number.NEGATIVE_INFINITY)).toEqual([...ids]);
        const sum = logQ.reduce((total, log) => total + Math.exp(log), 0);
        expect(Math.abs(sum - (ids.size > 0 ? 1 : 0)), JSON.stringify(filter)).toBeLessThan(1e-5);
      }
    }
  });

  test("that nothing passes answers as allow: [] does", async () => {
    const index = await indexOf(ROWS);
    const filter = { price: { $lt: 1, $gt: 2 } };
    expect(answersOf(index, { filter })).toEqual(answersOf(index, { allow: [] }));
    expect(answersOf(index, { namespace: "three" })).toEqual(answersOf(index, { allow: [] }));
    expect(index.topK(QUERY, 3, { filter }).ids).toHaveLength(0);
  });

  test("of each query of a batch is its own, whatever was asked before and kept", async () => {
    const index = await indexOf(ROWS);
    const wanted = fc.sample(filters, { seed: 7, numRuns: 40 });
    const alone = wanted.map((filter) => index.predict(QUERY, 4, { filter, scan: 8, seed: 1 }));
    const queries = new Float32Array(wanted.length * DIM);
    for (const row of wanted.keys()) queries.set(QUERY, row * DIM);
    const conditions = wanted.map((filter) => ({ filter }));
    expect(index.predict(queries, 4, { batch: wanted.length, conditions, scan: 8, seed: 1 })).toEqual(alone);
    const file = await fileOf(ROWS);
    for (const [i, filter] of [...wanted.entries()].reverse()) {
      const { index: fresh } = await open(file);
      for (const each of [index, fresh]) expect(each.predict(QUERY, 4, { filter, scan: 8, seed: 1 })).toEqual(alone[i]);
      fresh.dispose();
    }
  });

  test("has one form, whatever the order of its columns and values", async () => {
    const index = await indexOf(ROWS);
    const one = { price: { $gte: 0, $lt: 80 }, "shop.category": { $in: ["b", "a", "b"] } };
    const other = { "shop.category": { $in: ["a", "b"] }, price: { $lt: 80, $gte: -0 } };
    expect(index.topK(QUERY, N, { filter: one })).toEqual(index.topK(QUERY, N, { filter: other }));
    expect(index.topK(QUERY, N, { filter: {} })).toEqual(
      index.topK(QUERY, N, { allow: Array.from({ length: N }, (_, id) => id) }),
    );
  });
});

describe("an index with columns", () => {
  test("tells them, and the values of classes", async () => {
    const index = await indexOf(ROWS);
    const declared = index.info.columns?.map(({ name, type }) => [name, type]);
    expect(declared).toEqual([...Object.entries(COLUMNS), ["$namespace", "string"]]);
    const prices = ROWS.map(({ price }) => price).filter((price) => typeof price === "number" && !Number.isNaN(price));
    // A Set has one zero.
    expect(index.info.columns?.find(({ name }) => name === "price")?.distinct).toBe(new Set(prices).size);
    for (const [id, values] of index.metadata(Array.from(ROWS.keys())).entries()) {
      const given = Object.entries(ROWS[id] as Row).filter(
        ([, value]) => value !== null && value !== undefined && !Number.isNaN(value),
      );
      const namespace = NAMESPACES[id % 3];
      expect(values).toEqual(
        Object.fromEntries([
          ...given.map(([name, value]) => [name, value === 0 ? 0 : value]),
          ...(namespace ? [["$namespace", namespace]] : []),
        ]),
      );
    }
  });

  test("answers without a filter as one without columns does", async () => {
    const index = await indexOf(ROWS);
    const file = await build(
      { data: DATA, shape: [N, DIM] },
      { bias: BIAS, fineCodes: true, bits: 2, calibrate: "off" },
    );
    const bare = (await open(file)).index;
    expect(answersOf(index, {})).toEqual(answersOf(bare, {}));
    expect(bare.info.columns).toBeUndefined();
    expect(bare.metadata([1])).toEqual([{}]);
  });
});
