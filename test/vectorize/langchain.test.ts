import { CloudflareVectorizeStore } from "@langchain/cloudflare";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { createVectorizeBinding } from "../../worker/client.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { servedIndex } from "../fixtures/served-index.ts";
import { type Service, serve } from "./served.ts";

// Runs LangChain's published store against the application behind a real socket.

const LABELS = Array.from({ length: 60 }, (_, id) => `word ${id}`);

let index: MultiIndex;
let service: Service;
beforeAll(async () => {
  index = await servedIndex({ itemCount: 60, labels: LABELS, metric: "cosine" });
  service = await serve(createApp(fixedHost(index)));
});
afterAll(() => service.close());

/** Embeds a label as its row in the index, like the model that the index was built for. */
class RowsOfLabels extends Embeddings {
  constructor() {
    super({});
  }

  async embedQuery(label: string): Promise<number[]> {
    return Array.from(index.rows(index.idsOf([label])));
  }

  embedDocuments(labels: string[]): Promise<number[][]> {
    return Promise.all(labels.map((label) => this.embedQuery(label)));
  }
}

const storeOf = (textKey = "label"): CloudflareVectorizeStore =>
  new CloudflareVectorizeStore(new RowsOfLabels(), { index: createVectorizeBinding(service.url), textKey });

describe("LangChain's store", () => {
  test("takes the client by its type", () => {
    type Options = ConstructorParameters<typeof CloudflareVectorizeStore>[1];
    expectTypeOf<ReturnType<typeof createVectorizeBinding>>().toExtend<Options["index"]>();
  });

  test("finds what the library finds, with the labels as documents", async () => {
    for (const label of ["word 0", "word 7", "word 59"]) {
      const { ids, scores } = index.topK(index.rows(index.idsOf([label])), 4);
      const found = await storeOf().similaritySearchWithScore(label, 4);
      expect(found).toEqual(
        Array.from(ids, (id, rank) => [new Document({ pageContent: LABELS[id] as string }), scores[rank]]),
      );
      const documents = await storeOf().similaritySearch(label, 4);
      expect(documents).toEqual(found.map(([document]) => document));
    }
  });

  test("finds by a vector, as a retriever, and with the label as metadata under another key", async () => {
    const row = Array.from(index.rows([7]));
    const { ids, scores } = index.topK(row, 2);
    const labels = Array.from(ids, (id) => LABELS[id]);
    const found = await storeOf("text").similaritySearchVectorWithScore(row, 2, {});
    expect(found.map(([document, score]) => [document.pageContent, document.metadata, score])).toEqual(
      labels.map((label, rank) => ["", { label }, scores[rank]]),
    );
    const documents = await storeOf().asRetriever(2).invoke("word 7");
    expect(documents.map(({ pageContent }) => pageContent)).toEqual(labels);
  });

  test("hands on why a filter or a change is refused", async () => {
    const store = storeOf();
    await expect(store.similaritySearch("word 7", 2, { genre: "news" })).rejects.toMatchObject({
      status: 400,
      detail: expect.stringContaining('"filter.genre" expected an index built with columns'),
    });
    const refused = { status: 405, code: "immutable", detail: expect.stringContaining("`midx publish`") };
    await expect(store.addDocuments([new Document({ pageContent: "word 7" })])).rejects.toMatchObject(refused);
    await expect(store.delete({ ids: ["word 7"] })).rejects.toMatchObject(refused);
  });
});
