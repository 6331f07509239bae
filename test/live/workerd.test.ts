import { CloudflareVectorizeStore } from "@langchain/cloudflare";
import { Document } from "@langchain/core/documents";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createVectorizeBinding } from "../../worker/client.ts";
import { defaultRoom } from "../../worker/live/default-room.ts";
import { EVERY } from "../run/size.ts";
import { COUNT, catalogue, DIM, labelOf, rowOf, type Shape, WRITER } from "./live-service.ts";
import { LiveWorker } from "./start-workerd.ts";
import { RowsOfLengths } from "./vectorize-life.ts";

// The whole life of a catalogue in workerd, with a Durable Object that keeps its log on the disk.

const worker = new LiveWorker();
/** `k` is above the number of classes that all tests together make, whatever the machine's speed. */
const ASK = { vector: rowOf(1), k: 300, exact: true, seed: 1 };
/** The labels of a writer that writes as long as it may, one after the other and again. */
const LABELS = 20;
/** The rows of the classes as they should be. */
const model = new Map<string, number>();

beforeAll(async () => {
  await worker.prepare();
  await publish("first");
  for (let i = 0; i < COUNT; i++) model.set(labelOf(i), -1);
  await worker.start();
});
afterAll(() => worker.remove());

const publish = async (version: string, shape: Shape = {}): Promise<void> =>
  worker.publish(await catalogue(shape), version);

async function upsert(labels: readonly string[], seed: number): Promise<number> {
  const { status, body } = await worker.send("/v1/upsert", { labels, rows: labels.map((_, i) => rowOf(seed + i)) });
  expect([status, body.detail]).toEqual([200, undefined]);
  for (const [i, label] of labels.entries()) model.set(label, seed + i);
  return body.sequence;
}

/** Compares all classes and their scores with the model, as they are with a mutation. */
async function compare(minMutation: number): Promise<void> {
  const { status, body } = await worker.send("/v1/predict", { ...ASK, minMutation });
  expect([status, body.detail]).toEqual([200, undefined]);
  expect(body.mutation).toBeGreaterThanOrEqual(minMutation);
  expect([...body.labels].sort()).toEqual([...model.keys()].sort());
  const sum = body.probabilities.reduce((total: number, p: number) => total + p, 0);
  expect(sum).toBeCloseTo(1, 6);
  for (const [rank, label] of (body.labels as string[]).entries()) {
    const seed = model.get(label) as number;
    if (seed < 0) continue;
    const score = rowOf(seed).reduce((total, value, d) => total + value * (ASK.vector[d] as number), 0);
    expect(body.scores[rank]).toBeCloseTo(score, 5);
  }
}

test("writes are read, keys are known, and bad elements are named", async () => {
  expect(await upsert(["new", labelOf(3)], 100)).toBe(1);
  await compare(1);
  const headers = { "idempotency-key": "a-call" };
  const removal = { labels: [labelOf(5), "nobody"] };
  model.delete(labelOf(5));
  for (let i = 0; i < 2; i++) expect((await worker.send("/v1/delete", removal, headers)).body.sequence).toBe(2);
  const other = await worker.send("/v1/delete", { labels: ["new"] }, headers);
  expect([other.status, other.body.code]).toEqual([422, "idempotency_conflict"]);
  const bad = await worker.send("/v1/upsert", { labels: ["a", "b"], rows: [rowOf(1), [1, 2, "3", 4]] });
  expect([bad.status, bad.body.detail]).toEqual([
    400,
    expect.stringContaining('"rows[1][2]" expected a finite number'),
  ]);
  const anonymous = await worker.send("/v1/delete", { labels: ["new"] }, { authorization: "" });
  expect(anonymous.status).toBe(401);
  const beyond = await worker.send("/v1/predict", { ...ASK, minMutation: 99 });
  expect([beyond.status, beyond.body.detail]).toEqual([400, expect.stringContaining("at most 2, the last mutation")]);
  await compare(2);
});

test("writers at the same time lose no number", async () => {
  const sequences = await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      const own: number[] = [];
      for (let i = 0; i < 10; i++) own.push(await upsert([`${writer}/${i}`], 1000 + 100 * writer + i));
      return own;
    }),
  );
  for (const own of sequences) expect(own).toEqual([...own].sort((a, b) => a - b));
  expect(sequences.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => 3 + i));
  await compare(42);
});

test("nothing that was acknowledged is missing after kill -9", async () => {
  for (let round = 0; round < (EVERY ? 3 : 2); round++) {
    let last = 0;
    let isOver = false;
    const writers = [0, 1].map(async (writer) => {
      for (let i = 0; !isOver; i++) {
        const label = `${round} ${writer} ${i % LABELS}`;
        const body = { labels: [label], rows: [rowOf(i)] };
        const key = { "idempotency-key": `${round}-${writer}-${i}` };
        const answer = await worker.send("/v1/upsert", body, key).catch(() => undefined);
        if (answer === undefined) {
          unknown.push({ label, seed: i, body, key }); // it may be in the log, or not
          return;
        }
        expect(answer.status).toBe(200);
        model.set(label, i);
        last = Math.max(last, answer.body.sequence);
      }
    });
    const unknown: { label: string; seed: number; body: object; key: Record<string, string> }[] = [];
    await new Promise((resolve) => setTimeout(resolve, 150 + 50 * round));
    await worker.kill();
    isOver = true;
    await Promise.all(writers);
    await worker.start();
    // A writer that got no answer sends the same call with the same key again.
    for (const { label, seed, body, key } of unknown) {
      const { status, body: answer } = await worker.send("/v1/upsert", body, key);
      expect(status).toBe(200);
      model.set(label, seed);
      last = Math.max(last, answer.sequence);
    }
    await compare(last);
  }
});

test("another version takes over while changes go on, and none is lost", async () => {
  const { body: before } = await worker.send("/v1/info");
  await publish("second");
  let last = 0;
  let version = "first";
  for (let i = 0; version === "first" && i < 2000; i++) {
    last = await upsert([`swap ${i % 5}`], 5000 + i);
    const { status, body } = await worker.send("/v1/predict", { ...ASK, minMutation: last });
    expect(status).toBe(200);
    expect(body.labels).toContain(`swap ${i % 5}`);
    version = body.version;
  }
  expect(version).toBe("second");
  expect(last).toBeGreaterThan(before.mutation);
  await compare(last);
});

test("sets of more than a piece of a row are whole again", async () => {
  const dim = DIM;
  const labels = Array.from({ length: 1000 }, (_, i) => `big ${i}`);
  const text = "x".repeat(2500);
  const metadata = labels.map((label) => ({ label, text }));
  const rows = labels.map((_, i) => rowOf(9000 + i).slice(0, dim));
  const { status, body } = await worker.send("/v1/upsert", { labels, rows, metadata });
  expect([status, body.detail]).toEqual([200, undefined]);
  const { body: answer } = await worker.send("/v1/predict", { ...ASK, k: 1000, minMutation: body.sequence });
  expect(answer.mutation).toBe(body.sequence);
  expect((await worker.send("/v1/delete", { labels })).status).toBe(200);
});

test("LangChain's store adds, finds and deletes documents with all their metadata", async () => {
  const index = createVectorizeBinding(worker.url, { token: WRITER });
  const store = new CloudflareVectorizeStore(new RowsOfLengths(), { index });
  const boots = new Document({ pageContent: "Boots for all", metadata: { shelf: 7, tags: ["warm", "dry"] } });
  const hats = new Document({ pageContent: "A hat", metadata: { shelf: 2 } });
  expect(await store.addDocuments([boots, hats], { ids: ["boots", "hats"] })).toEqual(["boots", "hats"]);
  const find = async (from = store) => {
    const found = await from.similaritySearchVectorWithScore(rowOf(1), 500);
    return found.map(([{ pageContent, metadata }]) => ({ pageContent, metadata })).filter((each) => each.pageContent);
  };
  const labelled = (label: string, { pageContent, metadata }: Document) => ({
    pageContent,
    metadata: { ...metadata, label },
  });
  await expect.poll(() => find()).toHaveLength(2);
  expect(await find()).toEqual(expect.arrayContaining([labelled("boots", boots), labelled("hats", hats)]));
  await worker.kill(); // what lies beside the index is kept
  await worker.start();
  const again = new CloudflareVectorizeStore(new RowsOfLengths(), {
    index: createVectorizeBinding(worker.url, { token: WRITER }),
  });
  expect(await find(again)).toHaveLength(2);
  await again.delete({ ids: ["boots"] });
  await expect.poll(() => find(again)).toEqual([labelled("hats", hats)]);
});

test("without MAX_DELTA, changes of wide rows have 8 MB", async () => {
  await worker.kill();
  await publish("wide", { dim: 1536 });
  await worker.start({ LOG_NAME: "wide" });
  const { status, body } = await worker.send("/readyz");
  expect([status, body.detail]).toEqual([200, undefined]);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain(`\nmidx_delta_rows_limit ${defaultRoom({ dim: 1536, rows: "f32" })}\n`);
});
