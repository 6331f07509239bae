import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVERY } from "../run/size.ts";
import { type PartedFiles, partedIndex, queryOf, type Succession, succession } from "./parted-files.ts";
import { type RunningWorkers, startBound, startObjects } from "./start-workers.ts";

const SIZES = [70, 50, 80];
/** `npm run test:live` swaps under load for minutes. */
const SWAPS = EVERY ? 20 : 3;
const K = 6;
const vector = Array.from(queryOf(1));
let bestOf: Succession["bestOf"];
let versions: Succession["versions"];

beforeAll(async () => {
  ({ versions, bestOf } = await succession(SWAPS + 1, { seed: 40, sizes: SIZES, k: K }));
});

async function ask(url: string, path: string, body: object) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify({ vector, ...body }) });
  return { status: response.status, answer: await response.json() };
}

describe.each([
  ["Durable Objects", () => startObjects()],
  ["Durable Objects that are called", () => startObjects("called-objects")],
  ["Workers behind service bindings", () => startBound([0, 1, 2])],
])("a router over %s in workerd", (_, start) => {
  let workers: RunningWorkers;
  const first = () => versions[0] as PartedFiles;

  beforeAll(async () => {
    workers = await start();
    await workers.publish(first());
  });
  afterAll(() => workers.stop());

  test("answers with the bits of the parts in one process", async () => {
    const parted = await partedIndex(first());
    const { ids, probabilities, standardError } = await parted.predict(queryOf(1), K, { seed: 5, scan: 40 });
    const { status, answer } = await ask(workers.url, "/v1/predict", { k: K, seed: 5, scan: 40 });
    expect([status, answer.code, answer.detail]).toEqual([200, undefined, undefined]);
    expect(answer).toMatchObject({ version: "v0", ids: Array.from(ids), standardError });
    expect(answer.probabilities).toEqual(Array.from(probabilities));
    const exact = await ask(workers.url, "/v1/predict", { k: K, exact: true });
    expect(exact.answer).toMatchObject({ exact: true, ...bestOf.get("v0") });
    const drawn = await parted.sample(queryOf(1), 30, { exact: true, seed: 5 });
    const draws = await ask(workers.url, "/v1/sample", { draws: 30, exact: true, seed: 5 });
    expect(draws.answer.ids).toEqual(Array.from(drawn.ids));
  });

  test("answers many at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => ask(workers.url, "/v1/predict", { k: K, exact: true })),
    );
    for (const { status, answer } of answers) {
      expect(status).toBe(200);
      expect(answer).toMatchObject(bestOf.get("v0") as object);
    }
  });

  test(`${SWAPS} swaps of a manifest under load mix nothing and fail nothing`, async () => {
    const seen = new Set<string>();
    const outcomes = new Set<string>();
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        if (!EVERY) await sleep(2); // the servers need the processors, too
        const { status, answer } = await ask(workers.url, "/v1/predict", { k: K, exact: true });
        outcomes.add(status === 200 ? "200" : `${status} ${answer.code} ${answer.detail}`);
        if (status !== 200) continue;
        seen.add(answer.version);
        expect(answer).toMatchObject({ exact: true, ...bestOf.get(answer.version) });
      }
    };
    const clients = [client(), client(), client()];
    for (const files of versions) {
      await workers.publish(files);
      await expect.poll(() => seen.has(files.manifest.version), { timeout: 120_000, interval: 5 }).toBe(true);
    }
    isOver = true;
    await Promise.all(clients);
    expect([...outcomes]).toEqual(["200"]);
    expect(seen.size).toBe(SWAPS + 1);
  });

  test("has metrics by part", async () => {
    const text = await (await fetch(`${workers.url}/metrics`)).text();
    for (const part of [0, 1, 2])
      expect(text).toMatch(new RegExp(`midx_part_requests_total\\{part="${part}"\\} [1-9]`));
  });
});
