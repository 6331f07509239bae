import { CloudflareVectorizeStore } from "@langchain/cloudflare";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { createVectorizeBinding } from "../../worker/client.ts";
import { type Service, serve } from "../vectorize/served.ts";
import { COUNT, catalogue, Isolate, published, rowOf, WRITER } from "./live-service.ts";
import { memorySegments } from "./log/memory-segments.ts";

// The life of documents in LangChain's published store, behind a real socket: test/live/workerd.test.ts has it in workerd, without
// columns.

let isolate: Isolate;
let service: Service;
beforeAll(async () => {
  const columns = { kind: { type: "string", values: Array(COUNT).fill("hat") } } as const;
  isolate = new Isolate(
    { current: published(await catalogue({ columns }), "first") },
    new SegmentLog(memorySegments(), "log/"),
  );
  service = await serve(isolate.app);
});
afterAll(() => service.close());

/** Embeds each text by its length. */
class RowsOfLengths extends Embeddings {
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

test("documents are added, found by filters, replaced and deleted", async () => {
  const index = createVectorizeBinding(service.url, { token: WRITER });
  const store = new CloudflareVectorizeStore(new RowsOfLengths(), { index });
  const find = async (filter: Record<string, unknown>) => {
    await isolate.settled(); // the isolate has seen what was written
    const found = await store.similaritySearch("boots", 100, filter as never);
    return found.map(({ pageContent, metadata }) => [pageContent, metadata.kind, metadata.page]);
  };
  const document = (pageContent: string, kind: string, page: number) =>
    new Document({ pageContent, metadata: { kind, page } });
  const first = [
    document("Boots for all", "shoe", 1),
    document("Boots for some", "shoe", 2),
    document("A cap", "cap", 3),
  ];
  expect(await store.addDocuments(first, { ids: ["boots", "more", "cap"] })).toEqual(["boots", "more", "cap"]);
  const boots = ["Boots for all", "shoe", 1];
  const more = ["Boots for some", "shoe", 2];
  const cap = ["A cap", "cap", 3];
  expect((await find({ kind: "shoe" })).sort()).toEqual([boots, more]);
  expect(await find({ kind: { $nin: ["hat", "shoe"] } })).toEqual([cap]);
  expect(await find({ kind: "hat" })).toHaveLength(COUNT);
  await store.addDocuments([document("Boots for nobody", "cap", 4)], { ids: ["boots"] });
  expect(await find({ kind: "shoe" })).toEqual([more]);
  expect((await find({ kind: "cap" })).sort()).toEqual([["Boots for nobody", "cap", 4], cap].sort());
  await store.delete({ ids: ["boots", "more"] });
  expect(await find({ kind: "shoe" })).toEqual([]);
  expect(await find({ kind: "cap" })).toEqual([cap]);
  const refused = {
    status: 400,
    detail: expect.stringContaining('"filter.page" expected a column of the index: "kind"'),
  };
  await expect(find({ page: 3 })).rejects.toMatchObject(refused);
});
