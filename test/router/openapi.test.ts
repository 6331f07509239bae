import { Validator } from "@seriousme/openapi-schema-validator";
import type { Hono } from "hono";
import { beforeEach, describe, expect, test } from "vitest";
import { routerDocument } from "../../worker/openapi/router-document.ts";
import { Described } from "../openapi/described.ts";
import { FaultyHost, killed } from "./faulty-hosts.ts";
import { hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

const described = new Described(routerDocument("1.2.3"));
const SIZES = [60, 90, 50];
const shelf = new ManifestShelf();
const files = await partedFiles({ version: "a", seed: 1, sizes: SIZES, hasLabels: true });
shelf.publish(files);
const hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
const app: Hono = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]).app;
const vector = Array.from(queryOf(1));

beforeEach(() => {
  for (const host of hosts) host.fault = undefined;
});

const json = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

describe("router-openapi.json", () => {
  test("is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(routerDocument("1.2.3") as Record<string, unknown>)).toEqual({ valid: true });
  });

  test("has every route of a router, and no other", () => {
    const served = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.operations.sort()).toEqual(served.sort());
  });

  test("describes every field of every request", () => {
    const { schemas } = described.document.components;
    for (const [name, { properties = {} }] of Object.entries(schemas).filter(([each]) => each.endsWith("Request"))) {
      for (const [field, schema] of Object.entries(properties)) {
        expect(schema, `${name} ${field}`).toHaveProperty("description", expect.stringMatching(/^[A-Z1].*[.]$/));
      }
    }
    for (const name of ["PredictRequest", "LogPartitionRequest", "VectorizeQueryRequest"]) {
      expect(schemas[name]?.properties).toHaveProperty("partial");
    }
    expect(schemas.SampleRequest?.properties).not.toHaveProperty("partial");
  });
});

describe.each([
  ["with all parts", undefined],
  ["where a part is missing", killed],
])("answers are as router-openapi.json says, %s", (_, fault) => {
  test.each([
    ["/v1/predict", { k: 3 }],
    ["/v1/predict", { k: 3, partial: "allow" }],
    ["/v1/predict", { k: 3, partial: "allow", diversity: {} }],
    ["/v1/predict", { k: 3, partial: "refuse" }],
    ["/v1/log-partition", {}],
    ["/v1/log-partition", { partial: "allow" }],
    ["/v1/query", { topK: 3 }],
    ["/v1/query", { topK: 3, partial: "allow", returnMetadata: "all" }],
    ["/v1/sample", { draws: 3, mixture: { uniform: 0.5 } }],
  ])("%s %j", async (path, fields) => {
    await app.request("/v1/info");
    (hosts[1] as FaultyHost).fault = fault;
    for (const queries of path === "/v1/query" ? [{ vector }] : [{ vector }, { vectors: [vector, vector] }]) {
      const body = { ...queries, ...fields };
      expect(described.faultsOfRequest(`post ${path}`, body)).toEqual([]);
      const response = await app.request(path, json(body));
      const mayMiss = "partial" in fields && fields.partial === "allow";
      expect(response.status).toBe(fault && !mayMiss ? 503 : 200);
      expect(await described.faultsOfAnswer(`post ${path}`, response)).toEqual([]);
    }
  });
});

test("facts, and errors of requests of routers, are as router-openapi.json says", async () => {
  expect(await described.faultsOfAnswer("get /v1/info", await app.request("/v1/info"))).toEqual([]);
  const asked = (generation: string) => ({
    headers: { "x-midx-generation": generation, "x-midx-parts": "0,1,2" },
  });
  for (const [generation, status] of [
    [files.manifest.generation, 200],
    ["0".repeat(64), 409],
    ["none", 400],
  ] as const) {
    const response = await app.request("/v1/part", asked(generation));
    expect(response.status).toBe(status);
    expect(await described.faultsOfAnswer("get /v1/part", response)).toEqual([]);
  }
});
