import Cloudflare from "cloudflare";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { createVectorizeBinding } from "../../worker/client.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { conditionsWork } from "../../worker/request/conditions-work.ts";
import { servedIndex, servedQuery } from "../fixtures/served-index.ts";
import { type Service, serve } from "./served.ts";

// Filters and namespaces over HTTP, in every request with conditions, and by the clients of Vectorize.

const N = 120;
const ids = Array.from({ length: N }, (_, id) => id);
const CATEGORIES = ["shoes", "hats", null] as const;
const priceOf = (id: number): number => ((id * 37) % 101) + 0.5;
const FILTER = { category: "shoes", price: { $lt: 80 }, stock: true };
const PASSING = ids.filter((id) => id % 3 === 0 && priceOf(id) < 80 && id % 2 === 0);
const VECTOR = Array.from(servedQuery(1));

let index: MultiIndex;
let app: Hono;
let service: Service;
let indexes: Cloudflare["vectorize"]["indexes"];
beforeAll(async () => {
  index = await servedIndex({
    ...{ itemCount: N, labels: ids.map((id) => `item ${id}`), namespaces: ids.map((id) => ["a", "b", null][id % 3]) },
    columns: {
      category: { type: "string", values: ids.map((id) => CATEGORIES[id % 3]) },
      price: { type: "number", values: ids.map(priceOf) },
      stock: { type: "boolean", values: ids.map((id) => id % 2 === 0) },
    },
  });
  app = createApp(fixedHost(index));
  service = await serve(app);
  const sdk = new Cloudflare({ apiToken: "none", baseURL: `${service.url}/client/v4`, maxRetries: 0 });
  indexes = sdk.vectorize.indexes;
});
afterAll(() => service.close());

async function ask(path: string, body: object): Promise<{ status: number; answer: Record<string, unknown> }> {
  const headers = { "content-type": "application/json" };
  const response = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  const { requestId: _, ...answer } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, answer };
}

describe("a filter over HTTP", () => {
  test.each<[string, object]>([
    ["predict", { k: 5, scan: 8, seed: 1 }],
    ["sample", { draws: 20, seed: 1 }],
    ["sample-top-k", { k: 4, seed: 1 }],
    ["log-partition", { exact: true, seed: 1 }],
    ["log-probability", { ids: ["item 0", "item 1"], seed: 1 }],
    ["slate-log-probability", { ids: ["item 0", "item 6"] }],
    ["decode", { top_k: 5, seed: 1 }],
  ])("of %s leaves the classes that pass, in one request and in each of a batch", async (call, fields) => {
    const [allow, path] = [call === "decode" ? "allowed_token_ids" : "allow", `/v1/${call}`];
    const filtered = await ask(path, { vector: VECTOR, ...fields, filter: FILTER });
    const allowed = await ask(path, { vector: VECTOR, ...fields, [allow]: PASSING });
    expect(filtered).toEqual(allowed);
    expect(filtered.status).toBe(200);
    const one = await ask(path, { vector: VECTOR, ...fields, namespace: "b" });
    const conditions = [{ filter: FILTER }, { namespace: "b" }];
    const { answer } = await ask(path, { vectors: [VECTOR, VECTOR], ...fields, conditions });
    const { version: _, ...first } = filtered.answer;
    const { version: __, ...second } = one.answer;
    expect(answer.results).toEqual([first, second]);
  });

  test.each<[object, string]>([
    [{ filter: { colour: 1 } }, '"filter.colour" expected a column of the index: "category", "price", "stock"'],
    [{ filter: { price: "80" } }, '"filter.price" expected a number, as column "price" has them, got "80"'],
    [{ filter: { price: { $lt: 1, $lte: 2 } } }, '"filter.price" expected one operator, or a lower and an upper bound'],
    [{ filter: { price: { $near: 1 } } }, '"filter.price.$near" expected an operator: one of $eq, $ne,'],
    [
      { filter: { category: { $in: ["a", {}] } } },
      '"filter.category.$in[1]" expected a string of Unicode, a finite number, true,',
    ],
    [{ filter: { category: "x".repeat(2048) } }, '"filter" expected at most 2047 bytes of JSON, got 2063'],
    [{ filter: [] }, '"filter" expected an object of columns, got Array'],
    [{ filter: JSON.parse('{"__proto__": 1}') }, '"filter.__proto__" expected a column of the index'],
    [{ namespace: 7 }, '"namespace" expected a string, got 7'],
    [{ namespace: "\ud800" }, '"namespace" expected a string of Unicode, got "\\ud800"'],
  ])("%j gets 400 with the name of the element", async (fields, message) => {
    const { status, answer } = await ask("/v1/predict", { vector: VECTOR, ...fields });
    expect({ status, code: answer.code }).toEqual({ status: 400, code: "invalid_field" });
    expect(answer.detail).toContain(message);
    const batch = await ask("/v1/decode", { vectors: [VECTOR, VECTOR], conditions: [{}, fields] });
    expect(batch.status).toBe(400);
    expect(batch.answer.detail).toContain(message.replace('"', '"conditions[1].'));
  });

  test("counts for the work of a request: a look at each class in each of its columns", async () => {
    const work = (conditions: object): number => conditionsWork(index.info, conditions, 1);
    const [none, one, two] = [work({}), work({ filter: { price: 1 } }), work({ filter: { price: 1 }, namespace: "a" })];
    expect(two - one).toBe(3 * N);
    expect(one - 3 * N).toBe(work({ allow: { bitmap: "" } }));
    expect(none).toBe(0);
  });
});

describe("a client of Vectorize", () => {
  const account = { account_id: "any" };
  const metadataOf = (id: number) => ({
    ...(CATEGORIES[id % 3] && { category: CATEGORIES[id % 3] }),
    ...{ price: priceOf(id), stock: id % 2 === 0 },
  });
  const namespaceOf = (id: number): object => (id % 3 < 2 ? { namespace: ["a", "b"][id % 3] } : {});

  test("asks with a filter and a namespace by Cloudflare's SDK, for the values in columns", async () => {
    for (const returnMetadata of ["indexed", "all"] as const) {
      const asked = { ...account, vector: VECTOR, topK: 50, filter: FILTER, namespace: "a", returnMetadata };
      const { matches } = (await indexes.query("items", asked)) ?? {};
      const { ids: found, scores } = index.topK(VECTOR, 50, { allow: PASSING });
      expect(matches).toEqual(
        Array.from(found, (id, rank) => ({
          ...{ id: `item ${id}`, score: scores[rank], namespace: "a" },
          metadata: { ...metadataOf(id), ...(returnMetadata === "all" && { label: `item ${id}` }) },
        })),
      );
      expect(matches).toHaveLength(PASSING.length);
    }
    const nothing = { ...account, vector: VECTOR, filter: { price: { $lt: 0 } } };
    expect(await indexes.query("items", nothing)).toEqual({ count: 0, matches: [] });
  });

  test("gets the values of classes by their ids, and the list of columns", async () => {
    const found = await indexes.getByIDs("items", { ...account, ids: ["item 2", "item 3"] });
    expect(found).toEqual(
      [2, 3].map((id) => ({
        ...{ id: `item ${id}`, values: Array.from(index.rows([id])), ...namespaceOf(id) },
        metadata: { ...metadataOf(id), label: `item ${id}` },
      })),
    );
    expect(await indexes.metadataIndex.list("items", account)).toEqual({
      metadataIndexes: [
        { propertyName: "category", indexType: "string" },
        { propertyName: "price", indexType: "number" },
        { propertyName: "stock", indexType: "boolean" },
      ],
    });
  });

  test("asks by the binding, with operators", async () => {
    const binding = createVectorizeBinding(service.url);
    const filter = { category: { $nin: ["shoes", "hats"] }, price: { $gte: 10, $lt: 20 } };
    const { matches } = await binding.query(VECTOR, { topK: 100, filter, returnMetadata: "indexed" });
    const wanted = ids.filter((id) => id % 3 === 2 && priceOf(id) >= 10 && priceOf(id) < 20);
    expect(matches.map(({ id }) => id).sort()).toEqual(wanted.map((id) => `item ${id}`).sort());
    expect(matches.every(({ metadata = {}, namespace }) => !("category" in metadata) && namespace === undefined)).toBe(
      true,
    );
    expect(wanted.length).toBeGreaterThan(0);
  });
});
