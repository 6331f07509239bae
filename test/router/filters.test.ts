import type { Hono } from "hono";
import { beforeAll, expect, test } from "vitest";
import type { Filter, MultiIndex } from "../../src/index.ts";
import type { PartedIndex } from "../../src/parts/index.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, partedIndex, queryOf, wholeIndex } from "./parted-files.ts";

// Columns of parts have dictionaries of their own, so filters travel as JSON and every part reads them.

interface Conditions {
  readonly filter: Filter;
  readonly namespace?: string;
}

const SIZES = [60, 1, 40, 50];
const FILTERS: readonly Filter[] = [
  { category: "category 3", price: { $lt: 80 } },
  { stock: true, price: { $gte: 10, $lte: 30 } },
  { category: { $in: ["category 1", null] } },
  { category: { $ne: "category 2" } },
  { price: { $lt: 0 } },
];
let whole: MultiIndex;
let parted: PartedIndex;
let flat: Hono;
let nested: Hono;

beforeAll(async () => {
  const files = await partedFiles({ version: "a", seed: 1, sizes: SIZES, hasColumns: true });
  const shelf = new ManifestShelf();
  shelf.publish(files);
  [whole, parted] = [await wholeIndex(files), await partedIndex(files)];
  const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number)));
  const over = () => router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]]).app;
  [flat, nested] = [over(), router(shelf, () => [hostOf(over())], { groups: [2, 2] }).app];
});

test("parts filter as one index does, with a namespace too", async () => {
  for (const [seed, filter] of FILTERS.entries()) {
    for (const conditions of [{ filter }, { filter, namespace: "two" }]) {
      const expected = whole.topK(queryOf(seed), 9, { ...conditions, exact: true });
      const { ids, scores } = await parted.topK(queryOf(seed), 9, { ...conditions, exact: true });
      expect([ids, scores]).toEqual([expected.ids, expected.scores]);
      for (const app of [flat, nested]) {
        const vector = Array.from(queryOf(seed));
        const { status, answer } = await ask(app, "/v1/predict", { vector, k: 9, exact: true, ...conditions });
        expect({ status, ids: answer.ids }).toEqual({ status: 200, ids: Array.from(expected.ids) });
      }
    }
  }
});

test("decode and a batch with conditions for each query filter in parts", async () => {
  const vectors = FILTERS.map((_, seed) => Array.from(queryOf(seed)));
  const conditions = FILTERS.map((filter) => ({ filter }));
  const { answer } = await ask(flat, "/v1/predict", { vectors, k: 3, exact: true, conditions });
  for (const [row, filter] of FILTERS.entries()) {
    const { ids } = whole.predict(queryOf(row), 3, { filter, exact: true });
    expect(answer.results[row].ids).toEqual(Array.from(ids));
  }
  const [filter] = FILTERS as [Filter];
  const greedy = { temperature: 0, filter };
  const decoded = await ask(flat, "/v1/decode", { vector: vectors[0], ...greedy });
  expect(decoded.answer.id).toBe(whole.decode(queryOf(0), greedy).id);
});

test("Vectorize's query filters, and its matches carry the values in columns", async () => {
  const [filter] = FILTERS as [Filter];
  const { ids } = whole.topK(queryOf(2), 4, { filter, namespace: "one" });
  const stored = whole.metadata(ids);
  expect(stored.length).toBeGreaterThan(0);
  for (const app of [flat, nested]) {
    const asked = { vector: Array.from(queryOf(2)), topK: 4, filter, namespace: "one", returnMetadata: "indexed" };
    const { answer } = await ask(app, "/v1/query", asked);
    expect(answer.result.matches).toMatchObject(
      Array.from(ids, (id, rank) => {
        const { $namespace: namespace, ...metadata } = stored[rank] as Record<string, unknown>;
        return { id: String(id), namespace, metadata };
      }),
    );
  }
  expect(await parted.metadata([70, 3])).toEqual(whole.metadata([70, 3]));
});

test("a filter that the parts refuse is a 400 that names the element", async () => {
  for (const app of [flat, nested]) {
    const vector = Array.from(queryOf(1));
    const unknown = await ask(app, "/v1/predict", { vector, filter: { colour: 1 } });
    expect(unknown).toMatchObject({ status: 400, answer: { code: "invalid_field" } });
    expect(unknown.answer.detail).toContain(
      '"filter.colour" expected a column of the index: "price", "category", "stock"',
    );
    const wrong = await ask(app, "/v1/predict", { vector, filter: { price: { $lt: "x" } } });
    expect(wrong).toMatchObject({ status: 400, answer: { code: "invalid_field" } });
  }
});

test.each<[Conditions, string]>([
  [{ filter: { category: 1 as never } }, '"conditions[1].filter.category" expected a string'],
  [{ filter: { colour: 1 } }, '"conditions[1].filter.colour" expected a column of the index: "price", "category"'],
  [{ filter: { price: { $in: ["x", 3] } } }, '"conditions[1].filter.price.$in" expected a number'],
  [{ namespace: "one", filter: { stock: { $ne: 1 } } }, '"conditions[1].filter.stock.$ne" expected a boolean'],
])("%j for one query of a batch is refused with its place, as by one index", async (conditions, detail) => {
  const rows = [{}, conditions];
  const flatten = Float32Array.of(...queryOf(1), ...queryOf(2));
  const options = { batch: 2, conditions: rows };
  expect(() => whole.predict(flatten, 3, options)).toThrow(detail);
  await expect(parted.predict(flatten, 3, options)).rejects.toThrow(detail);
  await expect(parted.decode(flatten, { ...options, minP: 0.1 })).rejects.toThrow(detail);
  for (const app of [flat, nested]) {
    const vectors = [queryOf(1), queryOf(2)].map((query) => Array.from(query));
    const refused = await ask(app, "/v1/predict", { vectors, conditions: rows });
    expect(refused).toMatchObject({ status: 400, answer: { code: "invalid_field" } });
    expect(refused.answer.detail).toContain(detail);
  }
});
