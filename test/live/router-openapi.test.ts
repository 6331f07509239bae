import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { liveDocument } from "../../worker/openapi/live-document.ts";
import { liveRouterDocument } from "../../worker/openapi/live-router-document.ts";
import { Described } from "../openapi/described.ts";
import { COUNT, Isolate, labelOf, rowOf, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, shelfOfParts } from "./parted-shelf.ts";
import { type ChangingHost, hostsOf, RouterIsolate } from "./routed-parts.ts";

const described = new Described(liveRouterDocument("1.2.3"));
let hosts: readonly ChangingHost[];
let isolate: RouterIsolate;
beforeAll(async () => {
  const rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
  const shelf = shelfOfParts(await publishedParts(rows, [15], "one"));
  hosts = hostsOf(shelf, 2, 3);
  isolate = new RouterIsolate(shelf, hosts, new MemoryLog());
});

async function answer(path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  return isolate.app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

describe("live-router-openapi.json", () => {
  test("is valid OpenAPI 3.1", async () => {
    const document = liveRouterDocument("1.2.3") as Record<string, unknown>;
    expect(await new Validator().validate(document)).toEqual({ valid: true });
  });

  test("has every route of a router that takes changes, and no other", () => {
    const served = isolate.app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.operations.sort()).toEqual(served.sort());
  });
});

test.each<readonly [string, object, number]>([
  ["/v1/upsert", { labels: ["a"], rows: [rowOf(1)] }, 200],
  ["/v1/delete", { labels: [labelOf(1)] }, 200],
  ["/v1/predict", { vector: rowOf(1), minMutation: "2" }, 200],
  ["/v1/predict", { vector: rowOf(1), minMutation: 1, partial: "allow" }, 200],
  ["/v1/query", { vector: rowOf(1), minMutation: 1, partial: "allow" }, 200],
  ["/v1/predict", { vector: rowOf(1), minMutation: 99 }, 400],
  ["/v1/upsert", { labels: ["b", "c", "d", "e", "f", "g", "h"], rows: [1, 2, 3, 4, 5, 6, 7].map(rowOf) }, 400],
  ["/v1/upsert", { labels: [16, 17, 18].map(labelOf), rows: [5, 6, 7].map(rowOf) }, 507], // beside "a"
])("%s %j answers %i as it says", async (path, body, status) => {
  const operation = `post ${path}`;
  if (status === 200) expect(described.faultsOfRequest(operation, body)).toEqual([]);
  const response = await answer(path, body);
  expect(response.status).toBe(status);
  expect(await described.faultsOfAnswer(operation, response)).toEqual([]);
});

test("some of the parts answer as it says, too", async () => {
  for (const host of hosts.slice(1)) {
    host.fault = async () => {
      throw new TypeError("connection refused");
    };
  }
  for (const [partial, status] of [
    ["allow", 200],
    ["refuse", 503],
  ] as const) {
    const response = await answer("/v1/predict", { vector: rowOf(1), partial });
    expect(response.status).toBe(status);
    expect(await described.faultsOfAnswer("post /v1/predict", response)).toEqual([]);
  }
});

test("facts about parts with changes of a log are as the documents say, from a router and from one process", async () => {
  const rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
  const shelf = shelfOfParts(await publishedParts(rows, [15], "compacted", 1));
  const log = new MemoryLog();
  await log.append(encodeLoggedSet({ removals: ["nobody"] }));
  for (const [app, document] of [
    [new RouterIsolate(shelf, hostsOf(shelf, 2, 3), log).app, liveRouterDocument("1.2.3")],
    [new Isolate(shelf, log).app, liveDocument("1.2.3")],
  ] as const) {
    const response = await app.request("/v1/info");
    expect(response.status).toBe(200);
    expect(await response.clone().json()).toMatchObject({ compaction: { sequence: 1 }, parts: [{}, {}] });
    expect(await new Described(document).faultsOfAnswer("get /v1/info", response)).toEqual([]);
  }
});
