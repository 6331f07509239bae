import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { liveDocument } from "../../worker/openapi/live-document.ts";
import { Described } from "../openapi/described.ts";
import { catalogue, Isolate, labelOf, published, rowOf, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { memorySegments } from "./log/memory-segments.ts";

const described = new Described(liveDocument("1.2.3"));
const log = new MemoryLog();
const isolate = new Isolate({ current: published(await catalogue(), "first") }, log, { maxDelta: 4 });

async function answer(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const sent = { "content-type": "application/json", authorization: `Bearer ${WRITER}`, ...headers };
  return isolate.app.request(path, body ? { method: "POST", headers: sent, body: JSON.stringify(body) } : { headers });
}

describe("live-openapi.json", () => {
  test("is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(liveDocument("1.2.3") as Record<string, unknown>)).toEqual({ valid: true });
  });

  test("has every route of the Worker, and no other", () => {
    const served = isolate.app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.operations.sort()).toEqual([...served, "get /openapi.json"].sort());
  });

  test("describes every field of every request", () => {
    const { schemas } = described.document.components;
    for (const [name, { properties = {} }] of Object.entries(schemas).filter(([each]) => each.endsWith("Request"))) {
      for (const [field, schema] of Object.entries(properties)) {
        expect(schema, `${name} ${field}`).toHaveProperty("description", expect.stringMatching(/^[A-Z1].*[.]$/));
      }
      if (name !== "GetByIdsRequest") expect(properties).toHaveProperty("minMutation");
    }
  });
});

test.each<readonly [string, object | undefined, number]>([
  ["/v1/upsert", { labels: ["a"], rows: [rowOf(1)], metadata: [{ any: [1] }] }, 200],
  ["/v1/delete", { labels: [labelOf(1)] }, 200],
  ["/v1/predict", { vector: rowOf(1), minMutation: "2" }, 200],
  ["/v1/predict", { vectors: [rowOf(1), rowOf(2)], minMutation: 1 }, 200],
  ["/v1/decode", { vector: rowOf(1), minMutation: 1 }, 200],
  ["/v1/query", { vector: rowOf(1), minMutation: 1 }, 200],
  ["/v1/info", undefined, 200],
  ["/v1/predict", { vector: rowOf(1), minMutation: 99 }, 400],
  ["/v1/upsert", { labels: ["a"], rows: [[1]] }, 400],
  ["/v1/upsert", { labels: ["b", "c", "d", "e"], rows: [1, 2, 3, 4].map(rowOf) }, 507],
])("%s %j answers %i as it says", async (path, body, status) => {
  const operation = `${body ? "post" : "get"} ${path}`;
  if (body && status === 200) expect(described.faultsOfRequest(operation, body)).toEqual([]);
  const response = await answer(path, body);
  expect(response.status).toBe(status);
  expect(await described.faultsOfAnswer(operation, response)).toEqual([]);
});

const READS = described.operations.filter(
  (operation) => operation.startsWith("get ") && operation !== "get /openapi.json",
);
const pathOf = (operation: string): string => operation.slice(4).replaceAll(/[{}]/g, "");
test.each(READS)("%s says what the header x-min-mutation may lead to", async (operation) => {
  const isHeeded = !["get /healthz", "get /metrics", "get /v1/audits"].includes(operation);
  for (const mutation of ["1x", "99"]) {
    const response = await answer(pathOf(operation), undefined, { "x-min-mutation": mutation });
    expect(response.status).toBe(isHeeded ? 400 : 200);
    expect(await described.faultsOfAnswer(operation, response)).toEqual([]);
  }
  expect(described.answers.includes(`${operation} 412`)).toBe(isHeeded);
});

test("all metadata that were written are described, whatever JSON they are", async () => {
  const segments = new SegmentLog(memorySegments(), "log/");
  const keeping = new Isolate({ current: published(await catalogue(), "first") }, segments);
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  const send = async (path: string, body: object): Promise<Response> =>
    keeping.app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  const metadata = [{ tags: ["new", 1, null], shop: { city: "Rome" }, sold: null }];
  await send("/v1/upsert", { labels: ["tagged"], rows: [rowOf(1)], metadata });
  for (const [path, body] of [
    ["/v1/query", { vectorId: "tagged", returnMetadata: "all", minMutation: 1 }],
    ["/client/v4/accounts/{account}/vectorize/v2/indexes/{index}/get_by_ids", { ids: ["tagged"] }],
  ] as const) {
    const response = await send(path, body);
    expect(await response.clone().text()).toContain('"tags":["new",1,null]');
    expect(await described.faultsOfAnswer(`post ${path}`, response)).toEqual([]);
  }
});

test("what only goes wrong with a log is described too", async () => {
  await answer("/v1/delete", { labels: ["x"] }, { "idempotency-key": "k" });
  const conflict = await answer("/v1/delete", { labels: ["y"] }, { "idempotency-key": "k" });
  expect([conflict.status, await described.faultsOfAnswer("post /v1/delete", conflict)]).toEqual([422, []]);
  log.fault = new Error("no connection");
  const unseen = await answer("/v1/sample", { vector: rowOf(1), draws: 1, minMutation: 99 });
  expect([unseen.status, await described.faultsOfAnswer("post /v1/sample", unseen)]).toEqual([412, []]);
  const unread = await answer("/v1/delete", { labels: ["z"] });
  expect([unread.status, await described.faultsOfAnswer("post /v1/delete", unread)]).toEqual([503, []]);
  const closed = new Isolate({ current: published(await catalogue(), "first") }, log, { isClosed: true });
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  const refused = await closed.app.request("/v1/upsert", init);
  expect([refused.status, await described.faultsOfAnswer("post /v1/upsert", refused)]).toEqual([403, []]);
});
