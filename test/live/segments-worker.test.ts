import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Catalogue } from "../../scripts/live-load/catalogue.ts";
import { type LiveService, startLive } from "../../scripts/live-load/services.ts";
import { publishFirst } from "../../scripts/live-load/versions.ts";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { type LiveEnv, logOfEnv } from "../../worker/live/live-env.ts";
import { bucketWith } from "../compactor/bucket.ts";

const DIM = 8;
const catalogue = new Catalogue(DIM, 50);
let service: LiveService;
beforeAll(async () => {
  service = await startLive("segments");
  await publishFirst(service, catalogue);
});
afterAll(() => service.stop());

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const request = { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(service.url + path, {
    ...request,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("a Worker whose LOG is segments writes them beside its index and answers with them", async () => {
  const rows = Array.from({ length: 5 }, () => catalogue.newRow());
  const headers = () => ({ authorization: `Bearer ${service.writeToken}`, "idempotency-key": randomUUID() });
  const written = await Promise.all(
    rows.map((row, i) => post("/v1/upsert", { labels: [`new ${i}`], rows: [row] }, headers())),
  );
  expect(written.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(written.map(({ body }) => body.sequence as number).sort()).toEqual([1, 2, 3, 4, 5]);
  for (const [i, row] of rows.entries()) {
    const asked = { vector: catalogue.queryOf(row), k: 1, exact: true, minMutation: 5 };
    expect((await post("/v1/predict", asked)).body).toMatchObject({ labels: [`new ${i}`], mutation: 5 });
  }
  const keys = (await service.store.list("words/log/")).map(({ key }) => key);
  expect(keys).toContain("words/log/000000000005.set");
});

test("a Worker that serves a version's own pointer has the log of all versions", async () => {
  const { bucket } = bucketWith(new Map());
  const logFor = (key: string) =>
    logOfEnv({ LOG: "segments", INDEX_SOURCE: "r2", INDEX: bucket, INDEX_KEY: key } as unknown as LiveEnv);
  const pairs = [
    ["words/current.json", "words/versions/v1.json"],
    ["current.json", "versions/v1.json"],
  ] as const;
  for (const [current, own] of pairs) {
    expect(await logFor(own).append(encodeLoggedSet({ removals: ["one"] }))).toMatchObject({ sequence: 1 });
    expect(await logFor(current).append(encodeLoggedSet({ removals: ["two"] }))).toMatchObject({ sequence: 2 });
  }
  const others = logFor("old-versions/current.json");
  expect(await others.append(encodeLoggedSet({ removals: ["one"] }))).toMatchObject({ sequence: 1 });
  expect(await logFor("current.json").read(0)).toMatchObject({ head: 2 });
});

test("a log in segments is refused where writes have no conditions", () => {
  const env = { LOG: "segments", INDEX_SOURCE: "kv" } as LiveEnv;
  expect(() => logOfEnv(env)).toThrow('needs "INDEX_SOURCE" "r2" and a binding INDEX, got "kv": KV and assets have no');
  expect(() => logOfEnv({ LOG: "segment" })).toThrow('"LOG" expected "segments" or a binding of Durable Objects');
});
