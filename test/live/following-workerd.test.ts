import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue, labelOf, rowOf } from "./live-service.ts";
import { LiveWorker } from "./start-workerd.ts";

// An isolate of workerd that takes no writes follows a log in a Durable Object of another one.

const DELTA_SECONDS = 0.3;
const ASK = { vector: rowOf(1), k: 300, exact: true };
const READER = { "x-isolate": "reader" };
const worker = new LiveWorker();

beforeAll(async () => {
  await worker.prepare();
  await worker.publish(await catalogue(), "first");
  await worker.start({ DELTA_SECONDS: String(DELTA_SECONDS) });
  await labels(); // the isolate that reads has an index
});
afterAll(() => worker.remove());

const upsert = (label: string) => worker.send("/v1/upsert", { labels: [label], rows: [rowOf(100)] });

async function labels(fields: object = {}): Promise<readonly string[]> {
  const { status, body } = await worker.send("/v1/predict", { ...ASK, ...fields }, READER);
  expect([status, body.detail]).toEqual([200, undefined]);
  return body.labels;
}

test("an isolate that wakes after a quiet night has what others wrote in its first answer", async () => {
  expect((await upsert("in the night")).body.sequence).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 2000 * DELTA_SECONDS + 100));
  expect(await labels()).toContain("in the night");
});

test("a tail that fails leaves answers as they are, says so, and goes on once the log is back", async () => {
  await worker.send("/failing", { isFailing: true });
  const refused = await upsert("lost");
  expect([refused.status, refused.body.code]).toEqual([503, "log_unreadable"]);
  const health = async () => {
    expect(await labels()).toEqual(expect.arrayContaining(["in the night", labelOf(0)]));
    return (await worker.send("/readyz", undefined, READER)).body;
  };
  await expect.poll(health).toMatchObject({
    status: "degraded",
    reason: { code: "log_unreadable", detail: "the log of changes: the disk of the object is gone" },
  });
  const unseen = await worker.send("/v1/predict", { ...ASK, minMutation: 2 }, READER);
  expect([unseen.status, unseen.body.code]).toEqual([412, "mutation_unseen"]);
  await worker.send("/failing", { isFailing: false });
  expect((await upsert("in the morning")).body.sequence).toBe(2);
  await expect.poll(() => labels()).toContain("in the morning");
  expect(await labels()).not.toContain("lost");
  expect((await worker.send("/readyz", undefined, READER)).body.status).toBe("ready");
});
