import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudflareVectorizeStore } from "@langchain/cloudflare";
import { Embeddings } from "@langchain/core/embeddings";
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type DevServer, startWrangler } from "../../scripts/server/wrangler-dev.ts";
import type * as Library from "../../src/index.ts";
import type * as Client from "../../worker/client.ts";
import { execute } from "./execute.ts";

// Vectorize's published clients against the package's Worker in workerd, with an index of 10,000 words. test/vectorize
// tests more with the application in Node.

const WRANGLER = `name = "words"
main = "worker.js"
compatibility_date = "2026-10-01"

[vars]
INDEX_KEY = "words.midx"

[assets]
directory = "assets"
binding = "ASSETS"
run_worker_first = true
`;
const ACCOUNT = { account_id: "023e105f4ecef8ad9ca31a8372d0c353" };
const MIDX = join(inject("installed"), "node_modules/midx/dist");

let worker: DevServer;
let index: Library.MultiIndex;
let client: typeof Client;
beforeAll(async () => {
  const folder = mkdtempSync(join(inject("installed"), "words-"));
  writeFileSync(join(folder, "wrangler.toml"), WRANGLER);
  writeFileSync(join(folder, "worker.js"), 'export { default } from "midx/worker";\n');
  const example = join(inject("installed"), "examples/next-word");
  const layer = [
    "head.safetensors",
    "--tensor",
    "weight",
    "--bias",
    "bias",
    "--labels",
    "words.txt",
    "--calibrate",
    "off",
  ];
  await execute(example, process.execPath, join(MIDX, "cli.js"), "build", ...layer, "-o", "words.midx");
  mkdirSync(join(folder, "assets"));
  renameSync(join(example, "words.midx"), join(folder, "assets/words.midx"));
  const library: typeof Library = await import(join(MIDX, "index.js"));
  index = await library.load(readFileSync(join(folder, "assets/words.midx")));
  client = await import(join(MIDX, "client.js"));
  worker = await startWrangler(folder);
});
afterAll(() => worker?.stop());

/** Embeds a word as its stored row. */
class RowsOfWords extends Embeddings {
  constructor() {
    super({});
  }

  async embedQuery(word: string): Promise<number[]> {
    return Array.from(index.rows(index.idsOf([word])));
  }

  embedDocuments(words: string[]): Promise<number[][]> {
    return Promise.all(words.map((word) => this.embedQuery(word)));
  }
}

/** The words that topK of the library finds by the row of a word, with their scores. */
function neighbours(word: string, topK: number): { id: string; score: number }[] {
  const { ids, scores } = index.topK(index.rows(index.idsOf([word])), topK);
  return index.labels(ids).map((id, rank) => ({ id, score: scores[rank] as number }));
}

test("Cloudflare's SDK gets the library's answers from workerd, and refusals of changes", async () => {
  const baseURL = `${worker.url}/client/v4`;
  const { indexes } = new Cloudflare({ apiToken: "any", baseURL, maxRetries: 0 }).vectorize;
  const vector = Array.from(index.rows(index.idsOf(["the"])));
  const answer = await indexes.query("words", { ...ACCOUNT, vector, topK: 50, returnMetadata: "all" });
  expect(answer?.matches).toEqual(neighbours("the", 50).map((match) => ({ ...match, metadata: { label: match.id } })));
  expect(await indexes.getByIDs("words", { ...ACCOUNT, ids: ["the"] })).toEqual([
    { id: "the", values: vector, metadata: { label: "the" } },
  ]);
  expect(await indexes.info("words", ACCOUNT)).toMatchObject({ vectorCount: 10_000, dimensions: vector.length });
  const page = await indexes.listVectors("words", { ...ACCOUNT, count: 3 });
  expect(page?.vectors.map(({ id }) => id)).toEqual(index.labels([0, 1, 2]));
  await expect(indexes.deleteByIDs("words", { ...ACCOUNT, ids: ["the"] })).rejects.toMatchObject({
    status: 405,
    errors: [{ code: 40501, message: expect.stringContaining("`midx publish`") }],
  });
});

test("LangChain's store finds the library's words through midx/client", async () => {
  const binding = client.createVectorizeBinding(worker.url);
  const store = new CloudflareVectorizeStore(new RowsOfWords(), { index: binding, textKey: "label" });
  for (const word of ["the", "of", "president"]) {
    const found = await store.similaritySearchWithScore(word, 10);
    expect(found.map(([{ pageContent, metadata }, score]) => ({ id: pageContent, score, metadata }))).toEqual(
      neighbours(word, 10).map((match) => ({ ...match, metadata: {} })),
    );
  }
  const { matches } = await binding.queryById("of", { topK: 10 });
  expect(matches).toEqual(neighbours("of", 10));
  await expect(store.delete({ ids: ["the"] })).rejects.toMatchObject({ status: 405, code: "immutable" });
});
