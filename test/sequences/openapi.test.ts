import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { sequenceDocument } from "../../worker/openapi/sequence-document.ts";
import { createSequenceApp } from "../../worker/sequence-service.ts";
import { openFor } from "../../worker/sequences/encoders.ts";
import { Described } from "../openapi/described.ts";
import { sequenceIndex } from "./sequence-index.ts";

const described = new Described(sequenceDocument("1.2.3"));
let app: ReturnType<typeof createSequenceApp>;
beforeAll(async () => {
  const index = await load(await sequenceIndex());
  await openFor(index, openEncoder);
  app = createSequenceApp(fixedHost(index));
});

describe("sequences-openapi.json", () => {
  test("is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(sequenceDocument("1.2.3") as Record<string, unknown>)).toEqual({
      valid: true,
    });
  });

  test("has every route of the service, and no other", () => {
    const served = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.operations.sort()).toEqual(served.sort());
  });

  test("describes sequences in every request of queries", () => {
    const { schemas } = described.document.components;
    const requests = Object.entries(schemas).filter(([name]) => "vectors" in (schemas[name]?.properties ?? {}));
    expect(requests.length).toBeGreaterThan(5);
    for (const [name, { properties = {} }] of requests) {
      for (const field of ["sequence", "sequences", "unknownItems"]) {
        expect(properties, name).toHaveProperty([field, "description"], expect.stringMatching(/^[A-Z].*[.]$/));
      }
    }
  });

  test.each([
    ["/v1/predict", { sequence: ["alpha"] }],
    ["/v1/predict", { sequences: [["alpha"], ["beta", 2]], unknownItems: "skip" }],
    ["/v1/encode", { sequence: ["alpha", "beta"] }],
    ["/v1/encode", {}],
  ])("has the answers: %s %j", async (path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await app.request(path, { method: "POST", body: JSON.stringify(body), headers });
    expect(await described.faultsOfAnswer(`post ${path}`, response)).toEqual([]);
    expect(described.faultsOfRequest(`post ${path}`, body)).toHaveLength(response.ok ? 0 : 1);
  });
});
