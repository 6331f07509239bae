import { afterAll, beforeAll, expect, test } from "vitest";
import { partedFiles, queryOf } from "../router/parted-files.ts";
import { type RunningWorkers, startWithReader } from "../router/start-workers.ts";
import { DELTA_SECONDS } from "../router/workers/env.ts";
import { WRITER } from "./live-service.ts";

// A router in workerd that takes no writes follows a log in a Durable Object of another one, over the same parts.

const vector = Array.from(queryOf(1));
let workers: RunningWorkers;

beforeAll(async () => {
  const files = await partedFiles({ seed: 62, sizes: [30, 25, 40], hasLabels: true, version: "v0" });
  workers = await startWithReader();
  await workers.publish(files);
  expect(await labels()).toHaveLength(95); // the isolate that reads has an index
});
afterAll(() => workers.stop());

async function send(path: string, body?: object, url = workers.url) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  const sent = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, sent);
  return { status: response.status, answer: await response.json() };
}

const upsert = (label: string) => send("/v1/upsert", { labels: [label], rows: [vector], biases: [2] });

async function labels(): Promise<readonly string[]> {
  const { status, answer } = await send("/v1/predict", { vector, k: 200, exact: true }, workers.readerUrl);
  expect([status, answer.detail]).toEqual([200, undefined]);
  return answer.labels;
}

test("a router that wakes after a quiet night has what others wrote in its first answer", async () => {
  expect((await upsert("in the night")).answer.sequence).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 2000 * DELTA_SECONDS + 100));
  expect(await labels()).toContain("in the night");
});

test("a tail that fails leaves answers as they are, says so, and goes on once the log is back", async () => {
  await send("/failing", { isFailing: true });
  const refused = await upsert("lost");
  expect([refused.status, refused.answer.code]).toEqual([503, "log_unreadable"]);
  const health = async () => {
    expect(await labels()).toEqual(expect.arrayContaining(["in the night", "class 0"]));
    return (await send("/readyz", undefined, workers.readerUrl)).answer;
  };
  await expect.poll(health).toMatchObject({
    status: "degraded",
    reason: { code: "log_unreadable", detail: "the log of changes: the disk of the object is gone" },
  });
  const asked = { vector, k: 200, exact: true, minMutation: 2 };
  const unseen = await send("/v1/predict", asked, workers.readerUrl);
  expect([unseen.status, unseen.answer.code]).toEqual([412, "mutation_unseen"]);
  await send("/failing", { isFailing: false });
  expect((await upsert("in the morning")).answer.sequence).toBe(2);
  await expect.poll(labels).toContain("in the morning");
  expect(await labels()).not.toContain("lost");
  expect((await send("/readyz", undefined, workers.readerUrl)).answer.status).toBe("ready");
});
