import { toFile } from "cloudflare";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { createClient, createVectorizeBinding } from "../../worker/client.ts";
import { ACCOUNT, type Indexes, NAME } from "../vectorize/sdk-calls.ts";
import { type Service, serve } from "../vectorize/served.ts";
import { COUNT, catalogue, Isolate, labelOf, published, rowOf, type Shelf, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { memorySegments } from "./log/memory-segments.ts";
import { indexesAt, linesOf as lines, seen, vectorOf as vector } from "./vectorize-life.ts";

// Cloudflare's published SDK and midx/client against a service that takes changes, behind a real socket: single calls, and what they
// refuse. test/live/clients.test.ts has the whole life of vectors.

const file = catalogue();
const services: Service[] = [];
afterAll(() => {
  for (const { close } of services) close();
});

let log: MemoryLog;
let isolate: Isolate;
let url: string;
let indexes: Indexes;
beforeEach(async () => {
  await serveIndex(await file);
});

async function serveIndex(bytes: Uint8Array<ArrayBuffer>, sequence?: number, by?: ChangeLog): Promise<void> {
  const shelf: Shelf = { current: published(bytes, "first", sequence) };
  log = new MemoryLog();
  isolate = new Isolate(shelf, by ?? log);
  const service = await serve(isolate.app);
  services.push(service);
  url = service.url;
  indexes = indexesAt(url);
}

describe("the SDK", () => {
  test("reads and removes 1,000 classes whose ids are as long as labels may be", async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => String(i).padStart(1024, "x"));
    expect(await indexes.getByIDs(NAME, { ...ACCOUNT, ids: [...ids.slice(1), labelOf(3)] })).toHaveLength(1);
    expect(await indexes.deleteByIDs(NAME, { ...ACCOUNT, ids })).toEqual({ mutationId: "1" });
  });

  test("lists full pages where classes are removed, and none that is empty", async () => {
    const gone = [0, 1, 4, COUNT - 2, COUNT - 1];
    await indexes.deleteByIDs(NAME, { ...ACCOUNT, ids: gone.map(labelOf) });
    const page = (count: number, cursor?: string | null) =>
      indexes.listVectors(NAME, { ...ACCOUNT, count, ...(cursor && { cursor }) }, seen("1"));
    const first = await page(3);
    expect(first?.vectors.map(({ id }) => id)).toEqual([2, 3, 5].map(labelOf));
    expect(first).toMatchObject({ count: 3, totalCount: COUNT - 5, isTruncated: true });
    const rest = await page(COUNT - 8, first?.nextCursor);
    expect(rest).toMatchObject({ count: COUNT - 8, isTruncated: false, nextCursor: null });
  });

  test("changes no class by an insert that another isolate has written a moment ago", async () => {
    const other = new Isolate({ current: published(await file, "first") }, log);
    await isolate.send("/v1/info");
    const path = `/client/v4/accounts/a/vectorize/v2/indexes/${NAME}`;
    const line = new Blob([JSON.stringify(vector("new", 7))]);
    await other.send(`${path}/insert`, line, { "content-type": "application/x-ndjson" });
    const inserted = await indexes.insert(NAME, { ...ACCOUNT, body: await lines([vector("new", 8)]) });
    expect(inserted).toEqual({ mutationId: "2" });
    const found = await indexes.getByIDs(NAME, { ...ACCOUNT, ids: ["new"] }, seen("2"));
    expect(found).toMatchObject([{ id: "new", values: rowOf(7) }]);
  });

  test("is told the same number for the same insert, though all of it is there by then", async () => {
    const insert = async (label: string, seed: number) => {
      const body = { ...ACCOUNT, body: await lines([vector("old", 7), vector(label, seed)]) };
      return indexes.insert(NAME, body, { headers: { "idempotency-key": "import-7" } });
    };
    expect(await insert("new", 8)).toEqual({ mutationId: "1" });
    await indexes.info(NAME, ACCOUNT, seen("1"));
    expect(await insert("new", 8)).toEqual({ mutationId: "1" });
    await expect(insert("new", 9)).rejects.toMatchObject({ status: 422 });
    await expect(insert("other", 8)).rejects.toMatchObject({ status: 422 });
    expect(log.head).toBe(1);
  });

  test("sends a form, too", async () => {
    const form = new FormData();
    form.set("vectors", new Blob([`${JSON.stringify(vector("new", 7))}\n\n`]), "vectors.ndjson");
    const path = `${url}/client/v4/accounts/a/vectorize/v2/indexes/words/upsert`;
    const response = await fetch(path, { method: "POST", body: form, headers: { authorization: `Bearer ${WRITER}` } });
    expect(await response.json()).toMatchObject({ success: true, result: { mutationId: "1" } });
    form.set("more", "{}");
    const refused = await fetch(path, { method: "POST", body: form, headers: { authorization: `Bearer ${WRITER}` } });
    expect(refused.status).toBe(400);
  });

  test.each(["insert", "upsert"] as const)(
    "has lines that cannot be parsed refused or skipped by %s",
    async (write) => {
      const body = () =>
        toFile(Buffer.from(`{"id":\n${JSON.stringify(vector("new", 7))}\nnot JSON\n`), "vectors.ndjson");
      for (const more of [{}, { "unparsable-behavior": "error" }] as const) {
        await expect(indexes[write](NAME, { ...ACCOUNT, ...more, body: await body() })).rejects.toMatchObject({
          status: 400,
          errors: [{ message: "line 1 of the body is not valid JSON (invalid_json)" }],
        });
      }
      for (const [search, message] of [
        ["unparsable-behavior=skip", '"unparsable-behavior" expected "error" or "discard", got "skip"'],
        [
          "unparsable-behaviour=discard",
          '"unparsable-behaviour" is not a field of this request: did you mean "unparsable-behavior"?',
        ],
      ]) {
        const path = `${url}/client/v4/accounts/a/vectorize/v2/indexes/${NAME}/${write}?${search}`;
        const headers = { "content-type": "application/x-ndjson", authorization: `Bearer ${WRITER}` };
        const refused = await fetch(path, { method: "POST", body: JSON.stringify(vector("new", 7)), headers });
        expect(refused.status).toBe(400);
        expect(await refused.json()).toMatchObject({ errors: [{ message: `${message} (invalid_field)` }] });
      }
      expect(log.head).toBe(0);
      const discarding = { ...ACCOUNT, "unparsable-behavior": "discard", body: await body() } as const;
      expect(await indexes[write](NAME, discarding)).toEqual({ mutationId: "1" });
      expect(await indexes.getByIDs(NAME, { ...ACCOUNT, ids: ["new"] }, seen("1"))).toHaveLength(1);
      const none = { ...ACCOUNT, "unparsable-behavior": "discard", body: await toFile(Buffer.from("{"), "x") } as const;
      await expect(indexes[write](NAME, none)).rejects.toMatchObject({
        errors: [{ message: '"vectors" expected 1 to 1000 of them, got 0 (invalid_field)' }],
      });
    },
  );

  test("hears what is wrong, by name, and nothing is written", async () => {
    const cases: readonly (readonly [readonly object[], string])[] = [
      [[vector("a", 1), { id: "b", values: [1, 2] }], '"vectors[1].values" expected 4 values, got 2'],
      [[vector("a", 1), { values: rowOf(1) }], '"vectors[1].id" expected a string, got undefined'],
      [[{ ...vector("a", 1), values: [1, 2, 3, "4"] }], '"vectors[0].values[3]" expected a finite number'],
      [[{ ...vector("a", 1), values: [900, 0, 0, 0] }], '"vectors[0].values" expected a norm of at most'],
      [[vector("x".repeat(1025), 1)], '"vectors[0].id" expected a label of at most 1024 bytes'],
      [[vector("a", 1, { metadata: [] })], '"vectors[0].metadata" expected an object or null'],
      [[vector("a", 1, { metadata: { text: "x".repeat(11_000) } })], '"vectors[0].metadata" expected at most 10240'],
      [[vector("a", 1, { namespace: "n" })], '"vectors[0].namespace" expected an index built with namespaces'],
      [[vector("a", 1, { bias: 1 })], '"vectors[0]" expected id, values, metadata, namespace, got "bias"'],
      [[], '"vectors" expected 1 to 1000 of them, got 0'],
    ];
    for (const [vectors, message] of cases) {
      await expect(indexes.upsert(NAME, { ...ACCOUNT, body: await lines(vectors) }), message).rejects.toMatchObject({
        status: 400,
        errors: [{ code: 40001, message: expect.stringContaining(message) }],
      });
    }
    // An insert leaves out the ids that exist, and counts them.
    const far = [vector(labelOf(0), 1), vector("a", 1), vector("a", 2), { id: "b", values: [900, 0, 0, 0] }];
    await expect(indexes.insert(NAME, { ...ACCOUNT, body: await lines(far) })).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining('"vectors[3].values" expected a norm of at most') }],
    });
    expect(log.head).toBe(0);
    const ids = { ...ACCOUNT, ids: Array(1001).fill("a") };
    await expect(indexes.deleteByIDs(NAME, ids)).rejects.toMatchObject({ status: 400 });
    const stranger = indexesAt(url, "other").deleteByIDs(NAME, { ...ACCOUNT, ids: ["a"] });
    await expect(stranger).rejects.toMatchObject({ status: 401 });
    const create = { ...ACCOUNT, name: NAME, config: { dimensions: 4, metric: "cosine" } } as const;
    await expect(indexes.create(create)).rejects.toMatchObject({ status: 405, errors: [{ code: 40501 }] });
  });

  test("filters by the metadata and namespaces that it has written", async () => {
    const kinds = Array.from({ length: COUNT }, (_, i) => ["hat", "shoe"][i % 2] as string);
    await serveIndex(
      await catalogue({ columns: { kind: { type: "string", values: kinds } }, namespaces: Array(COUNT).fill("old") }),
    );
    const body = await lines([
      vector("boot", 7, { metadata: { kind: "shoe", page: "Boots for all" }, namespace: "fresh" }),
      vector(labelOf(0), 8, { metadata: { page: "no kind any more" } }),
    ]);
    const mutation = (await indexes.upsert(NAME, { ...ACCOUNT, body }))?.mutationId as string;
    const find = async (more: object) => {
      const asked = { ...ACCOUNT, vector: rowOf(7), topK: 100, returnMetadata: "indexed", ...more } as const;
      return (await indexes.query(NAME, asked, seen(mutation)))?.matches ?? [];
    };
    const shoes = await find({ filter: { kind: "shoe" } });
    expect(shoes.map(({ id }) => id)).toContain("boot");
    expect(shoes).toHaveLength(COUNT / 2 + 1);
    expect(shoes.find(({ id }) => id === "boot")).toMatchObject({ metadata: { kind: "shoe" }, namespace: "fresh" });
    expect(await find({ filter: { kind: "hat" } })).toHaveLength(COUNT / 2 - 1);
    const fresh = await find({ namespace: "fresh" });
    expect(fresh.map(({ id }) => id)).toEqual(["boot"]);
    const wrong = await lines([vector("a", 1, { metadata: { kind: 7 } })]);
    await expect(indexes.upsert(NAME, { ...ACCOUNT, body: wrong })).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining('"vectors[0].metadata.kind" expected a string') }],
    });
  });
});

test("an upsert takes away what metadata and namespace it does not give, and /v1/upsert leaves them", async () => {
  const kinds = Array.from({ length: COUNT }, () => "hat");
  const columns = { kind: { type: "string", values: kinds } } as const;
  const shelf = await catalogue({ columns, namespaces: Array(COUNT).fill("old") });
  await serveIndex(shelf, 0, new SegmentLog(memorySegments(), "log/"));
  const upsert = async (...vectors: readonly object[]) =>
    (await indexes.upsert(NAME, { ...ACCOUNT, body: await lines(vectors) }))?.mutationId as string;
  const metadataAt = async (mutation: string) => {
    const ids = [labelOf(0), "boot"];
    const found = await indexes.getByIDs(NAME, { ...ACCOUNT, ids }, seen(mutation));
    return (found as { metadata: object; namespace?: string }[]).map(({ metadata, namespace }) => ({
      ...metadata,
      ...(namespace && { $: namespace }),
    }));
  };
  const given = { metadata: { kind: "shoe", page: "Boots for all" }, namespace: "fresh" };
  const known = [
    { label: labelOf(0), kind: "hat", $: "old" },
    { label: "boot", kind: "shoe", page: "Boots for all", $: "fresh" },
  ];
  expect(await metadataAt(await upsert(vector("boot", 7, given)))).toEqual(known);
  const midx = createClient(url, { token: WRITER });
  const rows = [rowOf(8), rowOf(9)].map((row) => Float32Array.from(row));
  expect(await metadataAt((await midx.upsert({ labels: [labelOf(0), "boot"], rows })).mutationId)).toEqual(known);
  const gone = [{ label: labelOf(0) }, { label: "boot" }];
  expect(await metadataAt(await upsert(vector(labelOf(0), 8), vector("boot", 9)))).toEqual(gone);
  expect(await metadataAt(await upsert(vector("boot", 7, given), vector("boot", 8)))).toEqual(gone);
});

test("returns metadata in the form in which they were written, with the values of a newer table in it", async () => {
  const cities = (name: string) => ({ "shop.city": { type: "string", values: Array(COUNT).fill(name) } }) as const;
  const segments = new SegmentLog(memorySegments(), "log/");
  await serveIndex(await catalogue({ columns: cities("Bern") }), 0, segments);
  const written = [
    { shop: { city: "Rome", zip: 185 } },
    { "shop.city": "Oslo", shop: { zip: 10 } },
    { shop: [{ city: "Bonn" }] },
    { label: "warm" },
  ];
  const body = await lines(written.map((metadata, i) => vector(labelOf(i), i, { metadata })));
  await indexes.upsert(NAME, { ...ACCOUNT, body });
  const metadataOf = async () => {
    const ids = [0, 1, 2, 3, 4].map(labelOf);
    const found = (await indexes.getByIDs(NAME, { ...ACCOUNT, ids }, seen("1"))) as { metadata: object }[];
    return found.map(({ metadata }) => metadata);
  };
  const label = (i: number) => ({ label: labelOf(i) });
  expect(await metadataOf()).toEqual([
    { ...label(0), ...written[0] },
    { ...label(1), ...written[1] },
    { ...label(2), ...written[2] },
    written[3],
    { ...label(4), "shop.city": "Bern" },
  ]);
  await serveIndex(await catalogue({ columns: cities("Turin") }), 1, segments);
  expect((await metadataOf()).slice(0, 3)).toEqual([
    { ...label(0), shop: { city: "Turin", zip: 185 } },
    { ...label(1), "shop.city": "Turin", shop: { zip: 10 } },
    { ...label(2), "shop.city": "Turin", shop: [{ city: "Bonn" }] },
  ]);
});

describe("midx/client", () => {
  test("writes, and reads what it has written", async () => {
    const midx = createClient(url, { token: WRITER });
    const classes = { labels: ["new"], rows: [Float32Array.from(rowOf(7))] };
    const first = await midx.upsert(classes, { idempotencyKey: "call-1" });
    expect(first).toEqual({ mutationId: "1", sequence: 1 });
    expect(await midx.upsert(classes, { idempotencyKey: "call-1" })).toEqual(first);
    await expect(midx.delete(["new"], { idempotencyKey: "call-1" })).rejects.toMatchObject({
      ...{ status: 422, code: "idempotency_conflict" },
    });
    for (const query of [rowOf(7), Float32Array.from(rowOf(7))]) {
      const answer = await midx.predict(query, { k: 100, exact: true, minMutation: first.mutationId });
      expect([answer.mutation, answer.labels?.includes("new")]).toEqual([1, true]);
    }
    await expect(midx.upsert({ labels: ["new"] } as never)).rejects.toMatchObject({
      ...{ status: 400, message: expect.stringContaining('"rows" is required') },
    });
    const { sequence } = await midx.delete(["new"]);
    const answer = await midx.vectorizeQuery(rowOf(7), { topK: 100, minMutation: sequence });
    expect(answer.matches.map(({ id }) => id)).not.toContain("new");
    expect(await midx.info()).toMatchObject({ mutation: 2, changes: { addedCount: 1, classCount: COUNT } });
  });

  test("has Vectorize's binding", async () => {
    const binding = createVectorizeBinding(url, { token: WRITER });
    const values = Float64Array.from(rowOf(7));
    expect(await binding.insert([{ id: "new", values }])).toEqual({ mutationId: "1", ids: ["new"], count: 1 });
    await isolate.settled();
    expect((await binding.getByIds(["new"]))[0]?.values).toEqual(rowOf(7));
    expect(await binding.describe()).toMatchObject({ vectorCount: COUNT + 1, processedUpToMutation: 1 });
    expect(await binding.deleteByIds(["new"])).toMatchObject({ mutationId: "2" });
    await isolate.settled();
    expect(await binding.getByIds(["new"])).toEqual([]);
  });

  test("refuses values of other types in the binding by name, and sends no vectors that are none", async () => {
    const binding = createVectorizeBinding(url, { token: WRITER });
    for (const given of [undefined, null, 5, "new", { id: "new" }, new Set(["new"]), Promise.resolve([])] as never[]) {
      for (const write of [binding.upsert, binding.insert]) {
        const shown = given === null ? "null" : typeof given;
        const named = { message: `"vectors" expected an array of vectors, got ${shown}` };
        await expect(write(given)).rejects.toThrow(expect.objectContaining(named));
      }
      for (const call of [binding.deleteByIds, binding.getByIds]) await expect(call(given)).rejects.toThrow(/"ids"/);
      await expect(binding.query(given)).rejects.toThrow(/"vector"/);
      if (given !== "new") await expect(binding.queryById(given)).rejects.toThrow(/"vectorId"/);
    }
    const values = rowOf(7);
    for (const [vector, message] of [
      [undefined, '"vectors[1]" expected an object, got null'],
      [values, '"vectors[1]" expected an object, got an array'],
      [{ id: "b" }, '"vectors[1].values" expected'],
      [{ id: "b", values: 5 }, '"vectors[1].values" expected'],
      [{ id: "b", values: "1234" }, '"vectors[1].values" expected'],
      [{ id: 5, values }, '"vectors[1].id" expected'],
    ] as [never, string][]) {
      await expect(binding.upsert([{ id: "a", values }, vector])).rejects.toThrow(message);
    }
    expect(log.head).toBe(0);
  });
});
