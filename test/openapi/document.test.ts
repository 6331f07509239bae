import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { openApiDocument } from "../../worker/openapi/document.ts";
import { EXAMPLES } from "../../worker/openapi/examples.ts";
import { described, json, labelled, plain, urlOf, version, withPages } from "./service.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/openapi.ts", import.meta.url));

describe("openapi.json", () => {
  test("is valid OpenAPI 3.1, of the package's version", async () => {
    expect(await new Validator().validate(openApiDocument(version) as Record<string, unknown>)).toEqual({
      valid: true,
    });
    const broken = { ...described.document, paths: { "/v1/info": { get: { responses: { 200: {} } } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
    expect(described.document.info.version).toBe(version);
  });

  test("has every route of the application, and no other", () => {
    const methods = (app: Hono): string[] =>
      app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method.toLowerCase()} ${path}`);
    const served = [...methods(createApp(fixedHost(plain))), "get /openapi.json"];
    expect(methods(withPages(new Hono()))).toContain("get /openapi.json");
    expect(described.operations.sort()).toEqual(served.map((route) => route.replaceAll(/:(\w+)/g, "{$1}")).sort());
  });

  test("describes every field of every request", () => {
    const { schemas } = described.document.components;
    const requests = Object.keys(schemas).filter((name) => name.endsWith("Request"));
    expect(requests).toHaveLength(9);
    for (const name of requests) {
      for (const [field, schema] of Object.entries(schemas[name]?.properties ?? {})) {
        expect(schema, `${name} ${field}`).toHaveProperty("description", expect.stringMatching(/^[A-Z1].*[.]$/));
      }
    }
  });

  test("is written the same, byte for byte, by another process", () => {
    const folder = mkdtempSync(join(tmpdir(), "midx-openapi-"));
    try {
      execFileSync(process.execPath, [SCRIPT, folder]);
      const text = readFileSync(join(folder, "openapi.json"), "utf8");
      expect(text).toBe(`${JSON.stringify(openApiDocument(version))}\n`);
      expect(JSON.parse(text)).toEqual(described.document);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(described.operations.filter((operation) => operation.startsWith("post ")))(
    "has examples at %s that are real",
    async (name) => {
      const path = name.slice(5);
      const operation = described.document.paths[path]?.post;
      const request = operation?.requestBody?.content["application/json"]?.example;
      const answer = operation?.responses[200]?.content["application/json"]?.example;
      expect(Object.values(EXAMPLES)).toContainEqual({ request, answer });
      expect(described.faultsOfRequest(name, request)).toEqual([]);
      const { headers, ...init } = json(request);
      const asked = { ...init, headers: { ...headers, "x-request-id": "an-id" } };
      const response = await createApp(fixedHost(labelled)).request(urlOf(path), asked);
      expect(await response.json()).toEqual(answer);
    },
  );
});
