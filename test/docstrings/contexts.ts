import { CloudflareVectorizeStore } from "@langchain/cloudflare";
import { FakeEmbeddings } from "@langchain/core/utils/testing";
import * as changes from "../../src/changes/index.ts";
import * as encoder from "../../src/encoder/index.ts";
import * as midx from "../../src/index.ts";
import * as parts from "../../src/parts/index.ts";
import * as threads from "../../src/threads/index.ts";
import * as compaction from "../../src/train/compaction/index.ts";
import * as train from "../../src/train/index.ts";
import * as client from "../../worker/client.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { createSequenceApp } from "../../worker/sequence-service.ts";
import { openFor } from "../../worker/sequences/encoders.ts";
import { randomRows } from "../train/rows.ts";

// The names that examples may use without declaring them, beside the exports of their module.

const ITEM_COUNT = 400;
const DIM = 8;
const FEATURES = ["the", "of", "capital", "is"];

const data = randomRows(ITEM_COUNT * DIM, 1);
const bias = randomRows(ITEM_COUNT, 2);
const names = Array.from({ length: ITEM_COUNT }, (_, id) => ["paris", "rome"][id] ?? `word ${id}`);

const table = { data, shape: [ITEM_COUNT, DIM] } as const;
const building = train.build(table, {
  bias,
  labels: names,
  fineCodes: true,
  features: { data: randomRows(FEATURES.length * DIM, 3), shape: [FEATURES.length, DIM], labels: FEATURES },
});

/** Another part of the catalogue has labels of its own. */
const buildingOther = train.build(table, { bias, labels: names.map((name) => `${name} too`), calibrate: "off" });

/** Nothing is printed. */
const console = { log: () => {} };

/** An index with biases, labels, fine codes and features, a query for it, and two queries end to end. */
async function indexContext() {
  const file = await building;
  const queries = randomRows(2 * DIM, 4);
  const fetch = async (): Promise<Response> => new Response(file);
  return { console, file, fetch, index: await midx.load(file), query: queries.slice(0, DIM), queries };
}

/** Beside the index: what it was built from. */
async function trainContext() {
  const sampler = await train.createSampler({ kind: "midx", bits: 3 }, { rows: data, biases: bias });
  const rowsOf = (ids: ArrayLike<number>): Float32Array =>
    Float32Array.from(Array.from(ids).flatMap((id) => Array.from(data.subarray(id * DIM, (id + 1) * DIM))));
  const biasesOf = (ids: ArrayLike<number>): Float32Array => Float32Array.from(ids, (id) => bias[id] as number);
  return {
    ...{ ...midx, ...(await indexContext()) },
    ...{ data, rows: data, bias, biases: bias, counts: bias.map((value) => 1 + Math.abs(value)), labels: names },
    ...{ itemCount: ITEM_COUNT, dim: DIM },
    ...{ sampler, rowsOf, biasesOf, label: 7, seed: 1n },
  };
}

/** Two halves of a catalogue beside the index. */
async function partsContext() {
  const context = await indexContext();
  const other = await midx.load(await buildingOther);
  const parted = new parts.PartedIndex([parts.partOf(context.index), parts.partOf(other, { number: 1 })]);
  return { ...context, other, parted };
}

const buildingWithEncoder = (async () => {
  const sequences = { offsets: Uint32Array.of(0, 4), ids: Int32Array.of(17, 4, 17, 9), itemCount: ITEM_COUNT };
  const { model } = await train.trainSequences(sequences, { dim: DIM, epochs: 1 });
  const words = ["paris", "rome", ...FEATURES];
  const labels = Array.from({ length: ITEM_COUNT }, (_, id) => words[id - 100] ?? `item-${id}`);
  return {
    labelled: await train.build(table, { bias, encoder: model, labels, fineCodes: true, calibrate: "off" }),
    plain: await train.build(table, { bias, encoder: model, calibrate: "off" }),
  };
})();

/** An index with an encoder. Its labels are those of all examples, of words and of items. */
async function encoderContext() {
  const context = await indexContext();
  const { labelled: file } = await buildingWithEncoder;
  const index = await midx.load(file);
  return { ...context, file, index, encoder: await encoder.openEncoder(index) };
}

/** An index with room for changes, and changes of it, beside two halves of a catalogue. */
async function changesContext() {
  const context = await partsContext();
  const index = await midx.load(context.file, { maxDelta: 100 });
  const bytes = changes.encodeChanges(index, { removals: ["word 7"] });
  const fetch = async (): Promise<Response> => new Response(bytes);
  const upserts = { labels: ["new shoe"], rows: data.slice(0, DIM), biases: bias.slice(0, 1) };
  return { ...parts, ...context, load: midx.load, index, bytes, fetch, writeFile: async () => {}, ...upserts };
}

/** An index with changes, and its file. */
async function compactionContext() {
  const { console: quiet, file } = await indexContext();
  const index = await midx.load(file, { maxDelta: 10 });
  changes.applyChanges(index, { removals: ["word 7"] });
  return { console: quiet, file, index };
}

/** Clients of a service in this process, whatever the address. Its index has no labels, so ids are numbers. */
async function clientContext() {
  const query = randomRows(DIM, 4);
  const index = await midx.load((await buildingWithEncoder).plain);
  await openFor(index, encoder.openEncoder);
  const app = createSequenceApp(fixedHost(index));
  // A service that takes changes answers writes so.
  const written = { mutationId: "1", sequence: 1, result: { mutationId: "1" } };
  const fetch = async (request: Request): Promise<Response> =>
    /(upsert|insert|delete|delete_by_ids)$/.test(request.url) ? Response.json(written) : app.request(request);
  const midxClient = client.createClient("https://words.example.com", { fetch });
  const createClient: typeof client.createClient = (url, options) => client.createClient(url, { fetch, ...options });
  const createVectorizeBinding: typeof client.createVectorizeBinding = (url, options) =>
    client.createVectorizeBinding(url, { fetch, ...options });
  const binding = createVectorizeBinding("https://words.example.com", {});
  return {
    ...{ console, createClient, createVectorizeBinding, token: "secret" },
    ...{ midx: midxClient, index: binding, query, embedding: query },
    ...{ CloudflareVectorizeStore, embeddings: new FakeEmbeddings() },
  };
}

/** An entry point of the package: its module, and what its examples know. Without a context they are only compiled. */
export interface Entry {
  readonly module: string;
  readonly context?: () => Promise<Readonly<Record<string, unknown>>>;
}

export const ENTRIES: Readonly<Record<string, Entry>> = {
  midx: { module: "src/index.ts", context: async () => ({ ...midx, ...(await indexContext()) }) },
  "midx/train": { module: "src/train/index.ts", context: async () => ({ ...train, ...(await trainContext()) }) },
  "midx/parts": { module: "src/parts/index.ts", context: async () => ({ ...parts, ...(await partsContext()) }) },
  "midx/encoder": {
    module: "src/encoder/index.ts",
    context: async () => ({ ...midx, ...encoder, ...(await encoderContext()) }),
  },
  "midx/changes": {
    module: "src/changes/index.ts",
    context: async () => ({ ...changes, ...(await changesContext()) }),
  },
  "midx/compaction": {
    module: "src/train/compaction/index.ts",
    context: async () => ({ ...changes, ...compaction, ...(await compactionContext()) }),
  },
  "midx/threads": {
    module: "src/threads/index.ts",
    context: async () => ({ ...midx, ...threads, ...(await indexContext()) }),
  },
  "midx/client": { module: "worker/client.ts", context: async () => ({ ...client, ...(await clientContext()) }) },
  // Its examples need the bindings of a Worker.
  "midx/worker": { module: "worker/entry.ts" },
  "midx/part": { module: "worker/part.ts" },
  "midx/router": { module: "worker/router.ts" },
  "midx/live": { module: "worker/live.ts" },
  "midx/live-sequences": { module: "worker/live-sequences.ts" },
  "midx/compactor": { module: "worker/compactor.ts" },
  "midx/sequences": { module: "worker/sequences.ts" },
};

/** Entry points whose docstrings are complete. */
export const COMPLETE: readonly string[] = [
  "midx",
  "midx/train",
  "midx/parts",
  "midx/encoder",
  "midx/changes",
  "midx/compaction",
  "midx/threads",
  "midx/client",
  "midx/worker",
  "midx/part",
  "midx/router",
  "midx/live",
  "midx/live-sequences",
  "midx/compactor",
];
