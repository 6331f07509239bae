import Cloudflare, { toFile } from "cloudflare";
import { BaseIndexes } from "cloudflare/resources/vectorize/indexes/indexes";
import { BaseMetadataIndex } from "cloudflare/resources/vectorize/indexes/metadata-index";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { DEFAULT_MAX_WORK } from "../../worker/contract/limits.ts";
import { Problem } from "../../worker/contract/problem.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { Host } from "../../worker/host/host.ts";
import type { ServiceOptions } from "../../worker/host/settings.ts";
import { topWork, vectorsWork } from "../../worker/request/work.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "../fixtures/served-index.ts";
import { ACCOUNT, describeCalls, type Indexes, NAME } from "./sdk-calls.ts";
import { type Service, serve } from "./served.ts";

// Runs Cloudflare's published SDK against the application behind a real socket.

const LABELS = Array.from({ length: 60 }, (_, id) => `word ${id}`);
const VECTOR = Array.from(servedQuery(1));
const SECRET = "secret";
const SHA256_OF_SECRET = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

let labelled: MultiIndex;
let plain: MultiIndex;
beforeAll(async () => {
  labelled = await servedIndex({ itemCount: 60, labels: LABELS });
  plain = await servedIndex({ itemCount: 3000 });
});

const services: Service[] = [];
afterAll(() => {
  for (const { close } of services) close();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The SDK with only its address changed, and the resource under test. */
async function sdkOf(host: Host, apiToken = SECRET): Promise<Cloudflare> {
  const service = await serve(createApp(host));
  services.push(service);
  return new Cloudflare({ apiToken, baseURL: `${service.url}/client/v4`, maxRetries: 0 });
}
const indexesOf = async (index: MultiIndex, options: ServiceOptions = {}) =>
  (await sdkOf(fixedHost(index, { tokens: [SHA256_OF_SECRET], ...options }))).vectorize.indexes;

describeCalls("an index", async () => ({
  labelled: { index: labelled, indexes: await indexesOf(labelled), query: VECTOR },
  plain: { index: plain, indexes: await indexesOf(plain), query: VECTOR },
}));

test("get and list say what an index of another metric is", async () => {
  const index = await servedIndex({ itemCount: 40, metric: "cosine" });
  const config = { dimensions: SERVED_DIM, metric: "cosine" };
  expect(await (await indexesOf(index)).get("my words", ACCOUNT)).toEqual({ name: "my words", config });
});

/** The calls that would change an index, by their names in the SDK. */
const CHANGES: Readonly<Record<string, (indexes: Indexes) => Promise<unknown>>> = {
  create: (indexes) => indexes.create({ ...ACCOUNT, name: NAME, config: { dimensions: 4, metric: "cosine" } }),
  delete: (indexes) => indexes.delete(NAME, ACCOUNT),
  deleteByIDs: (indexes) => indexes.deleteByIDs(NAME, { ...ACCOUNT, ids: ["word 1"] }),
  insert: async (indexes) => indexes.insert(NAME, { ...ACCOUNT, body: await rowsFile(3) }),
  upsert: async (indexes) => indexes.upsert(NAME, { ...ACCOUNT, body: await rowsFile(3) }),
  "upsert of 8 MB": async (indexes) => indexes.upsert(NAME, { ...ACCOUNT, body: await rowsFile(200_000) }),
  "metadataIndex.create": (indexes) =>
    indexes.metadataIndex.create(NAME, { ...ACCOUNT, indexType: "string", propertyName: "genre" }),
  "metadataIndex.delete": (indexes) => indexes.metadataIndex.delete(NAME, { ...ACCOUNT, propertyName: "genre" }),
};

const rowsFile = (count: number) =>
  toFile(Buffer.from('{"id":"word 1","values":[1,2,3,4],"a":1}\n'.repeat(count)), "rows.ndjson");

describe("the SDK's calls that would change an index", () => {
  test.each(Object.keys(CHANGES))("%s is refused, and says what to do", async (name) => {
    const refused = CHANGES[name]?.(await indexesOf(labelled));
    await expect(refused).rejects.toMatchObject({
      status: 405,
      errors: [{ code: 40501, message: expect.stringMatching(/`midx build`.*`midx publish` \(immutable\)$/) }],
    });
    await expect(refused).rejects.toBeInstanceOf(Cloudflare.APIError);
  });

  test("and those above are all that the SDK has", () => {
    const methodsOf = (resource: { prototype: object }) =>
      Object.getOwnPropertyNames(resource.prototype).filter((name) => name !== "constructor");
    const answered = ["get", "getByIDs", "info", "list", "listVectors", "query"];
    const refused = Object.keys(CHANGES).filter((name) => !/[ .]/.test(name));
    expect(methodsOf(BaseIndexes).sort()).toEqual([...answered, ...refused].sort());
    expect(methodsOf(BaseMetadataIndex).sort()).toEqual(["create", "delete", "list"]);
  });
});

describe("a refusal that the SDK meets is in Vectorize's envelope", () => {
  const query = (sdk: Cloudflare, fields: object = {}) =>
    sdk.vectorize.indexes.query(NAME, { ...ACCOUNT, vector: VECTOR, ...fields });

  test.each<[string, object, string]>([
    ["a filter", { filter: { genre: "news" } }, '"filter.genre" expected an index built with columns'],
    ["a namespace", { namespace: "a" }, '"namespace" expected an index built with namespaces'],
    ["another width", { vector: [1, 2, 3] }, '"vector" expected 4 values, got 3'],
    ["too many matches", { topK: 1001 }, '"topK" expected an integer from 0 to 1000, got 1001'],
    ["metadata of another kind", { returnMetadata: "some" }, '"returnMetadata" expected "none", "indexed", "all"'],
  ])("for %s", async (_, fields, message) => {
    const refused = query(await sdkOf(fixedHost(labelled)), fields);
    await expect(refused).rejects.toBeInstanceOf(Cloudflare.BadRequestError);
    await expect(refused).rejects.toMatchObject({
      errors: [{ code: 40001, message: expect.stringContaining(message) }],
    });
  });

  test("for a cursor of another version, or of nobody", async () => {
    const indexes = await indexesOf(labelled);
    const other = await (await indexesOf(plain)).listVectors(NAME, { ...ACCOUNT, count: 5 });
    for (const cursor of [other?.nextCursor as string, "5", "", "5@", "61@0123456789ab"]) {
      await expect(indexes.listVectors(NAME, { ...ACCOUNT, cursor })).rejects.toMatchObject({
        status: 400,
        errors: [{ message: expect.stringMatching(/^"cursor" expected .*nextCursor/) }],
      });
    }
    await expect(indexes.listVectors(NAME, { ...ACCOUNT, count: 1001 })).rejects.toMatchObject({ status: 400 });
  });

  test("for more rows than MAX_WORK allows to write", async () => {
    const indexes = await indexesOf(plain, { maxWork: 3_000_000 });
    const ids = Array.from({ length: 1000 }, (_, id) => String(id));
    const asks = [
      () => indexes.query(NAME, { ...ACCOUNT, vector: VECTOR, topK: 1000, returnValues: true }),
      () => indexes.getByIDs(NAME, { ...ACCOUNT, ids }),
    ];
    for (const ask of asks) {
      await expect(ask()).rejects.toMatchObject({
        errors: [{ code: 40002, message: expect.stringContaining("multiply-adds, the limit is 3000000") }],
      });
    }
    await expect(indexes.getByIDs(NAME, { ...ACCOUNT, ids: ids.slice(0, 100) })).resolves.toHaveLength(100);
    await expect(indexes.getByIDs(NAME, { ...ACCOUNT, ids: [...ids, "0"] })).rejects.toMatchObject({
      errors: [{ code: 40001, message: '"ids" expected at most 1000 ids, got 1001 (invalid_field)' }],
    });
  });

  test("but never for as many rows as Vectorize itself gives", () => {
    const [dim, topK] = [1536, 50];
    const work = topWork({ ...plain.info, dim, codewordCount: 256, bucketCount: 65_536, itemCount: 1e6 }, topK);
    expect(work + vectorsWork(topK, dim)).toBeLessThan(DEFAULT_MAX_WORK);
  });

  test("by every status that a service has", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const host = fixedHost(labelled);
    const limited = { ...host, settings: (c) => ({ ...host.settings(c), rateLimiter: DENIES }) } satisfies Host;
    const failing = (error: Error): Host => ({ ...host, served: () => Promise.reject(error) });
    const broken: Host = {
      ...host,
      settings: () => {
        throw new Error("a fault of ours");
      },
    };
    const cases: [number, number, () => Promise<unknown>][] = [
      [401, 40100, async () => query(await sdkOf(fixedHost(labelled, { tokens: [SHA256_OF_SECRET] }), "another"))],
      [404, 40400, async () => (await sdkOf(host)).get("/accounts/a/vectorize/v2/indexes/words/nothing")],
      [404, 40400, async () => (await sdkOf(host)).get("/user/tokens/verify")],
      [404, 40400, async () => (await sdkOf(host)).get("/accounts/%ff/vectorize/v2/%00")],
      [405, 40500, async () => (await sdkOf(host)).get("/accounts/a/vectorize/v2/indexes/words/query")],
      [405, 40500, async () => (await sdkOf(host)).delete("/accounts/a/vectorize/v2/indexes/words/info")],
      [413, 41300, async () => query(await sdkOf(host), { vector: Array(40_000).fill(0.123) })],
      [415, 41500, async () => (await sdkOf(host)).post("/accounts/a/vectorize/v2/indexes/words/query", TEXT)],
      [429, 42900, async () => query(await sdkOf(limited))],
      [500, 50000, async () => query(await sdkOf(broken))],
      [503, 50306, async () => query(await sdkOf(failing(new Problem("overloaded", "too much"))))],
      [503, 50304, async () => query(await sdkOf(failing(new Error("gone"))))],
    ];
    for (const [status, code, ask] of cases) {
      const error: unknown = await ask().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Cloudflare.APIError);
      expect(error).toMatchObject({ status, errors: [{ code, message: expect.stringMatching(/ \(\w+\)$/) }] });
    }
  });
});

const DENIES = { limit: async () => ({ success: false }) };
const TEXT = { body: "{}", headers: { "content-type": "text/plain" } };
