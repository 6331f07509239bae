import { CloudflareVectorizeStore } from "@langchain/cloudflare";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import Cloudflare, { toFile } from "cloudflare";
import { expect } from "vitest";
import { createVectorizeBinding } from "../../worker/client.ts";
import { ACCOUNT, type Indexes, NAME } from "../vectorize/sdk-calls.ts";
import { COUNT, DIM, labelOf, rowOf, WRITER } from "./live-service.ts";

// The whole life of vectors, by the published clients of Vectorize, at whatever service takes changes. The service has the classes
// of a catalogue of COUNT hats, in the namespace "old", or what another life has left of them.

/** Lines of vectors, as the SDK sends them. */
export const linesOf = (vectors: readonly object[]) =>
  toFile(Buffer.from(vectors.map((vector) => `${JSON.stringify(vector)}\n`).join("")), "vectors.ndjson");
/** A vector with the row of a seed. */
export const vectorOf = (id: string, seed: number, more: object = {}) => ({ id, values: rowOf(seed), ...more });
/** The options of a call that has to see a mutation. */
export const seen = (mutationId: string) => ({ headers: { "x-min-mutation": mutationId } });
/** The SDK with only its address changed. */
export const indexesAt = (url: string, apiToken = WRITER): Indexes =>
  new Cloudflare({ apiToken, baseURL: `${url}/client/v4`, maxRetries: 0 }).vectorize.indexes;

interface Found {
  readonly id: string;
  readonly score: number;
  readonly values?: readonly number[];
  readonly metadata?: unknown;
  readonly namespace?: string;
}

const rounded = (seed: number): number[] => rowOf(seed).map(Math.fround);
const scoreOf = (query: readonly number[], row: readonly number[]): number =>
  query.reduce((sum, value, d) => sum + value * (row[d] as number), 0);

/** Cloudflare's SDK inserts, upserts, queries, reads, lists and deletes vectors, and each call sees the ones before it. */
export async function liveBySdk(url: string): Promise<void> {
  const indexes = indexesAt(url);
  let last = (await indexes.info(NAME, ACCOUNT))?.processedUpToMutation as unknown as string;
  const write = async (call: "insert" | "upsert", ...vectors: readonly object[]) => {
    const answer = await indexes[call](NAME, { ...ACCOUNT, body: await linesOf(vectors) });
    expect(Number(answer?.mutationId)).toBe(Number(last) + 1);
    last = answer?.mutationId as string;
  };
  const remove = async (...ids: string[]) => {
    last = (await indexes.deleteByIDs(NAME, { ...ACCOUNT, ids }))?.mutationId as string;
  };
  const find = async (more: object): Promise<Found[]> => {
    const asked = { ...ACCOUNT, vector: rowOf(7), topK: 100, returnMetadata: "all", returnValues: true, ...more };
    const { count, matches = [] } = (await indexes.query(NAME, asked as never, seen(last))) ?? {};
    expect(count).toBe(matches.length);
    return matches as Found[];
  };
  const idsOf = async (more: object) => (await find(more)).map(({ id }) => id).sort();
  const read = async (...ids: string[]) =>
    (await indexes.getByIDs(NAME, { ...ACCOUNT, ids }, seen(last))) as unknown as Found[];

  const old = (await read(labelOf(3)))[0] as Found;
  await write(
    "insert",
    vectorOf("boot", 7, { metadata: { kind: "shoe", page: "Boots for all", tags: ["warm"] }, namespace: "fresh" }),
    vectorOf("sandal", 8, { metadata: { kind: "shoe" } }),
    vectorOf(labelOf(3), 9, { metadata: { kind: "cap" } }),
  );
  const all = await find({});
  expect(all).toHaveLength(COUNT + 2);
  expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).sort((a, b) => b - a));
  for (const { score, values = [] } of all) expect(score).toBeCloseTo(scoreOf(rowOf(7), values), 5);
  expect((await read(labelOf(3)))[0], "an insert leaves what there is").toEqual(old);
  const boot = {
    ...{ id: "boot", values: rounded(7), namespace: "fresh" },
    metadata: { kind: "shoe", page: "Boots for all", tags: ["warm"], label: "boot" },
  };
  expect(await read("boot", "nobody", labelOf(3))).toEqual([boot, old]);
  expect(await find({ namespace: "fresh" })).toMatchObject([boot]);
  expect(await idsOf({ filter: { kind: "shoe" } })).toEqual(["boot", "sandal"]);
  expect(await idsOf({ filter: { kind: { $in: ["shoe", "cap"] } }, namespace: "fresh" })).toEqual(["boot"]);
  expect(await idsOf({ filter: { kind: { $gte: "i" } } })).toEqual(["boot", "sandal"]);
  const indexed = await find({ namespace: "fresh", returnMetadata: "indexed", returnValues: false });
  expect(indexed).toEqual([{ id: "boot", score: expect.any(Number), metadata: { kind: "shoe" }, namespace: "fresh" }]);
  const [nearest] = await find({ vector: undefined, vectorId: "boot", topK: 1, returnMetadata: "none" });
  expect(nearest?.score).toBeGreaterThanOrEqual(scoreOf(rowOf(7), rowOf(7)) - 1e-5);

  await write("upsert", vectorOf("boot", 10), vectorOf(labelOf(3), 9, { metadata: { kind: "cap" }, namespace: "new" }));
  expect(await read("boot", labelOf(3)), "an upsert replaces a vector in full").toEqual([
    { id: "boot", values: rounded(10), metadata: { label: "boot" } },
    { id: labelOf(3), values: rounded(9), metadata: { kind: "cap", label: labelOf(3) }, namespace: "new" },
  ]);
  expect(await idsOf({ filter: { kind: { $ne: "hat" } } })).toEqual(["boot", "sandal", labelOf(3)].sort());
  expect(await idsOf({ namespace: "fresh" })).toEqual([]);

  await remove("boot", labelOf(0), "nobody");
  expect(await read("boot", labelOf(0), labelOf(1))).toHaveLength(1);
  expect(await idsOf({})).toHaveLength(COUNT);
  expect(await idsOf({ filter: { kind: "hat" } })).toHaveLength(COUNT - 2);
  expect(await listed(indexes)).toEqual([...Array.from({ length: COUNT - 1 }, (_, i) => labelOf(i + 1)), "sandal"]);
  await write("insert", vectorOf("boot", 11));
  expect(await read("boot"), "a class that comes again has nothing of before").toEqual([
    { id: "boot", values: rounded(11), metadata: { label: "boot" } },
  ]);

  expect(await indexes.info(NAME, ACCOUNT, seen(last))).toEqual({
    ...{ dimensions: DIM, vectorCount: COUNT + 1, processedUpToDatetime: null, processedUpToMutation: last },
  });
  expect(await indexes.get(NAME, ACCOUNT)).toEqual({ name: NAME, config: { dimensions: DIM, metric: "dot-product" } });
  const columns = { metadataIndexes: [{ propertyName: "kind", indexType: "string" }] };
  expect(await indexes.metadataIndex.list(NAME, ACCOUNT)).toEqual(columns);
  const wrong = { ...ACCOUNT, body: await linesOf([vectorOf("a", 1), { id: "b", values: [1, 2] }]) };
  await expect(indexes.upsert(NAME, wrong)).rejects.toMatchObject({
    ...{ status: 400, errors: [{ message: expect.stringContaining('"vectors[1].values" expected 4 values, got 2') }] },
  });
  await expect(indexes.delete(NAME, ACCOUNT)).rejects.toMatchObject({ status: 405, errors: [{ code: 40501 }] });
  await expect(indexesAt(url, "other").deleteByIDs(NAME, { ...ACCOUNT, ids: ["a"] })).rejects.toMatchObject({
    status: 401,
  });
  await remove("boot", "sandal");
}

/** All ids of an index, page by page. */
async function listed(indexes: Indexes): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await indexes.listVectors(NAME, { ...ACCOUNT, count: 7, ...(cursor && { cursor }) });
    ids.push(...(page?.vectors ?? []).map(({ id }) => id));
    cursor = page?.nextCursor ?? null;
  }
  return ids;
}

/** Embeds each text by its length. */
export class RowsOfLengths extends Embeddings {
  constructor() {
    super({});
  }

  async embedQuery(text: string): Promise<number[]> {
    return rowOf(text.length);
  }

  embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

/** LangChain's store adds, finds, replaces and deletes documents, with all their metadata. */
export async function liveByStore(url: string): Promise<void> {
  const index = createVectorizeBinding(url, { token: WRITER });
  const store = new CloudflareVectorizeStore(new RowsOfLengths(), { index });
  const find = async (filter: Record<string, unknown>) => {
    const found = await store.similaritySearchWithScore("boots", 100, filter as never);
    return found.map(([{ pageContent, metadata }]) => [pageContent, metadata.kind, metadata.tags]).sort();
  };
  // The store knows no mutations, so it is asked until it has seen what it wrote.
  const findInTheEnd = (filter: Record<string, unknown>) => expect.poll(() => find(filter));
  const document = (pageContent: string, kind: string, ...tags: string[]) =>
    new Document({ pageContent, metadata: { kind, tags } });
  const { length: hats } = await find({ kind: "hat" });
  const ids = ["boots", "more", "cap"];
  const first = [
    document("Boots for all", "shoe", "warm", "dry"),
    document("Boots for some", "shoe"),
    document("A cap", "cap", "new"),
  ];
  expect(await store.addDocuments(first, { ids })).toEqual(ids);
  const [boots, more, cap] = first.map(({ pageContent, metadata }) => [pageContent, metadata.kind, metadata.tags]);
  await findInTheEnd({ kind: "shoe" }).toEqual([boots, more]);
  expect(await find({ kind: { $nin: ["hat", "shoe"] } })).toContainEqual(cap);
  expect(await find({ kind: "hat" })).toHaveLength(hats);
  await store.addDocuments([document("Boots for nobody", "shoe", "old")], { ids: ["boots"] });
  await findInTheEnd({ kind: "shoe" }).toEqual([["Boots for nobody", "shoe", ["old"]], more]);
  await store.delete({ ids: ["boots", "more", "cap"] });
  await findInTheEnd({ kind: "shoe" }).toEqual([]);
  expect(await find({ kind: { $in: ["shoe", "cap"] } })).not.toContainEqual(cap);
  await expect(find({ tags: "warm" })).rejects.toMatchObject({
    ...{ status: 400, detail: expect.stringContaining('"filter.tags" expected a column of the index: "kind"') },
  });
}
