import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { defaultRoom } from "../../worker/live/default-room.ts";
import { type PartedFiles, partedFiles, queryOf } from "../router/parted-files.ts";
import { type RunningWorkers, startLiveBound, startObjects } from "../router/start-workers.ts";
import { randomRows } from "../train/rows.ts";
import { WRITER } from "./live-service.ts";

// Routers with a log in workerd, beside a PartedIndex with the same changes.

const [DIM, K, SIZES] = [8, 20, [30, 25, 40]] as const;
const vector = Array.from(queryOf(1));
let files: PartedFiles;
let workers: RunningWorkers;
let parted: PartedIndex;

beforeAll(async () => {
  files = await partedFiles({ seed: 60, sizes: SIZES, hasLabels: true, version: "v0" });
});

/** Starts Workers with the files, and a PartedIndex beside them. */
async function begin(start: () => Promise<RunningWorkers>): Promise<void> {
  const indexes = await Promise.all(files.files.map((file) => load(file, { maxDelta: 50 })));
  const { generation } = files.manifest;
  parted = new PartedIndex(indexes.map((index, number) => partOf(index, { number, generation })));
  workers = await start();
  await workers.publish(files);
}

async function send(path: string, body: object) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  const response = await fetch(`${workers.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, answer: await response.json() };
}

/** Writes a class to the log, and to the PartedIndex. */
async function upsert(i: number): Promise<number> {
  const label = i % 3 === 0 ? `class ${7 * i}` : `new ${i}`;
  const [row, bias] = [Array.from(randomRows(DIM, 300 + i)), i / 10];
  const { status, answer } = await send("/v1/upsert", { labels: [label], rows: [row], biases: [bias] });
  expect([status, answer.detail]).toEqual([200, undefined]);
  applyChanges(parted, { upserts: { labels: [label], rows: row, biases: [bias] } });
  return answer.sequence;
}

/** Compares an answer of the router with that of the PartedIndex: bit for bit, or of routers of routers within rounding. */
async function compare(minMutation: number, isNested: boolean): Promise<void> {
  const { status, answer } = await send("/v1/predict", { vector, k: K, seed: 5, scan: 40, minMutation });
  expect([status, answer.detail]).toEqual([200, undefined]);
  const { ids, probabilities, standardError } = await parted.predict(queryOf(1), K, { seed: 5, scan: 40 });
  expect(answer.ids).toEqual(Array.from(ids));
  if (!isNested) expect(answer).toMatchObject({ probabilities: Array.from(probabilities), standardError });
  for (const [i, p] of answer.probabilities.entries()) expect(p).toBeCloseTo(probabilities[i] as number, 6);
}

describe.each([
  { of: "parts and a log in Durable Objects", start: () => startObjects("live-objects"), isNested: false },
  { of: "Workers behind service bindings and a router, and a log in R2", start: startLiveBound, isNested: true },
])("a router over $of", ({ start, isNested }) => {
  beforeAll(() => begin(start));
  afterAll(() => workers.stop());

  test("answers are those of a PartedIndex with the same changes, also in a version whose parts have none yet", async () => {
    let written = 0;
    for (let i = 0; i < 8; i++) written = await upsert(i);
    await compare(written, isNested);
    const removed = await send("/v1/delete", { labels: ["new 1", "class 3", "class 80"] });
    expect(removed.status).toBe(200);
    applyChanges(parted, { removals: ["new 1", "class 3", "class 80"] });
    written = removed.answer.sequence;
    await compare(written, isNested);
    const exact = await send("/v1/predict", { vector, k: 200, exact: true });
    expect(exact.answer.ids).toHaveLength(95 - 2 + 4);
    expect(exact.answer.probabilities.reduce((sum: number, p: number) => sum + p, 0)).toBeCloseTo(1, 6);
    const next = await partedFiles({ version: "v1", previous: "v0", seed: 60, sizes: SIZES, hasLabels: true });
    await workers.publish(next);
    let answered: Awaited<ReturnType<typeof send>>;
    do answered = await send("/v1/predict", { vector, k: 200, exact: true, minMutation: written });
    while (answered.answer.version !== "v1");
    expect(answered.answer.scores).toEqual(exact.answer.scores);
  });

  test("writers at the same time lose nothing", async () => {
    const before = (await send("/v1/predict", { vector, k: 200, exact: true })).answer.labels.length;
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        send("/v1/upsert", { labels: [`at once ${i}`], rows: [Array.from(randomRows(DIM, i))], biases: [0] }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(Array(12).fill(200));
    const minMutation = Math.max(...outcomes.map(({ answer }) => answer.sequence));
    const { answer } = await send("/v1/predict", { vector, k: 200, exact: true, minMutation });
    expect(answer.labels).toHaveLength(before + 12);
  });

  test("metadata that the index has no column for come from the log", async () => {
    const given = { labels: ["with a page"], rows: [vector], biases: [3], metadata: [{ page: "Shoes for all" }] };
    const { status, answer } = await send("/v1/upsert", given);
    expect([status, answer.detail]).toEqual([200, undefined]);
    const query = { vector, topK: 1, returnMetadata: "all", minMutation: answer.sequence };
    const { result } = (await send("/client/v4/accounts/a/vectorize/v2/indexes/i/query", query)).answer;
    expect(result.matches).toMatchObject([{ id: "with a page", metadata: { page: "Shoes for all" } }]);
  });
});

test("without maxDelta, changes of a part with wide rows have 8 MB", async () => {
  const dim = 1536;
  workers = await startObjects("live-objects");
  try {
    await workers.publish(await partedFiles({ version: "wide", seed: 61, sizes: [20, 10], hasLabels: true, dim }));
    const ready = await fetch(`${workers.url}/readyz`);
    expect([ready.status, (await ready.json()).detail]).toEqual([200, undefined]);
    const metrics = await (await fetch(`${workers.url}/metrics`)).text();
    expect(metrics).toContain(`\nmidx_delta_rows_limit ${defaultRoom({ dim, rows: "f32" })}\n`);
  } finally {
    await workers.stop();
  }
});
