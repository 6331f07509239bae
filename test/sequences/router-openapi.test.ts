import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifestFile } from "../../src/cli/hosting/manifest-publisher.ts";
import { openSharedEncoder } from "../../src/encoder/index.ts";
import { liveRouterSequenceDocument, routerSequenceDocument } from "../../worker/openapi/router-sequence-documents.ts";
import { sequencesBy } from "../../worker/router/sequences-by.ts";
import { COUNT, labelOf, rowOf, WRITER } from "../live/live-service.ts";
import { MemoryLog } from "../live/log/memory-log.ts";
import { publishedParts, shelfOfParts } from "../live/parted-shelf.ts";
import { hostsOf, RouterIsolate } from "../live/routed-parts.ts";
import { Described } from "../openapi/described.ts";
import { hostOf, partHost, router } from "../router/in-process.ts";
import { PART_COUNT, partedItems } from "./parted-items.ts";

const DOCUMENTS = {
  "router-sequences-openapi.json": routerSequenceDocument("1.2.3"),
  "live-router-sequences-openapi.json": liveRouterSequenceDocument("1.2.3"),
};
type Name = keyof typeof DOCUMENTS;

const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const apps = {} as Record<Name, Hono>;
beforeAll(async () => {
  const sequences = sequencesBy(openSharedEncoder);
  const publisher = manifestFile((await partedItems(folder, { units: 12 })).manifest);
  const parts = Array.from({ length: PART_COUNT }, (_, number) => hostOf(partHost(publisher, number)));
  apps["router-sequences-openapi.json"] = router(publisher, ({ place }) => parts.slice(place, place + 1), {
    sequences,
  }).app;
  const rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
  const shelf = shelfOfParts(await publishedParts(rows, [15], "one"));
  const isolate = new RouterIsolate(shelf, hostsOf(shelf, 2, 3), new MemoryLog(), { sequences });
  apps["live-router-sequences-openapi.json"] = isolate.app;
}, 60_000);

describe.each(Object.keys(DOCUMENTS) as Name[])("%s", (name) => {
  const described = new Described(DOCUMENTS[name]);

  test("is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(DOCUMENTS[name] as Record<string, unknown>)).toEqual({ valid: true });
  });

  test("has every route of such a router, and no other", () => {
    const served = apps[name].routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.operations.sort()).toEqual(served.sort());
  });
});

test.each<readonly [Name, string, object, number]>([
  ["router-sequences-openapi.json", "/v1/encode", { sequence: ["item-3"] }, 200],
  ["router-sequences-openapi.json", "/v1/encode", { sequence: ["no such item"] }, 400],
  ["router-sequences-openapi.json", "/v1/predict", { sequence: ["item-3"], k: 2, partial: "allow" }, 200],
  ["router-sequences-openapi.json", "/v1/sample", { sequences: [["item-3"], ["item-4"]], draws: 2 }, 200],
  ["live-router-sequences-openapi.json", "/v1/delete", { labels: [labelOf(1)] }, 200],
  ["live-router-sequences-openapi.json", "/v1/predict", { vector: rowOf(1), k: 2, minMutation: 1 }, 200],
  ["live-router-sequences-openapi.json", "/v1/encode", { sequence: [labelOf(2)], minMutation: 1 }, 400], // no encoder
])("%s: %s %j answers %i as it says", async (name, path, body, status) => {
  const described = new Described(DOCUMENTS[name]);
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  const response = await apps[name].request(path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(status);
  expect(described.faultsOfRequest(`post ${path}`, body)).toEqual([]);
  expect(await described.faultsOfAnswer(`post ${path}`, response)).toEqual([]);
});
