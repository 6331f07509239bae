import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { Hono } from "hono";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { MultiIndex } from "../src/index.ts";
import { createApp } from "../worker/app.ts";
import { fixedHost } from "../worker/fixed-host.ts";
import type { Host } from "../worker/host.ts";
import { openApiDocument } from "../worker/openapi/document.ts";
import { EXAMPLES } from "../worker/openapi/examples.ts";
import { Problem } from "../worker/problem.ts";
import { addPages } from "../worker/routes/pages.ts";
import { VECTORIZE_PATHS } from "../worker/routes/vectorize.ts";
import { Described } from "./described.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "./served-index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const described = new Described(openApiDocument(version));

const LABELS = Array.from({ length: 60 }, (_, id) => `word ${id}`);
const ALIAS = "/client/v4/accounts/{account}/vectorize/v2/indexes/{index}/query";
const QUESTION_PATHS = ["/v1/predict", "/v1/sample", "/v1/sample-top", "/v1/logz", "/v1/logprob"];

let labelled: MultiIndex;
let plain: MultiIndex;
let coded: MultiIndex;
let bounded: MultiIndex;
beforeAll(async () => {
  labelled = await servedIndex({ itemCount: 60, labels: LABELS });
  plain = await servedIndex({ itemCount: 3000 });
  coded = await servedIndex({ itemCount: 3000, fineCodes: true });
  bounded = await servedIndex({ itemCount: 60, maxScan: 16 });
});

const PAGE = { fetch: async () => Response.json(described.document) };
const withPages = (app: Hono, assets: () => typeof PAGE | undefined = () => PAGE): Hono => {
  addPages(app, { assets, publisher: () => ({ look: async () => undefined }), hasDemo: () => false });
  return app;
};
const serviceOf = (host: Host): Hono => withPages(createApp(host));

const post = (body: BodyInit, type = "application/json"): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});
const json = (body: unknown): RequestInit => post(JSON.stringify(body));
const F32 = "application/x-midx-f32";

/** What a path of the document is asked at. */
const urlOf = (path: string): string => path.replaceAll(/[{}]/g, "");

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
    expect(requests).toHaveLength(6);
    for (const name of requests) {
      for (const [field, schema] of Object.entries(schemas[name]?.properties ?? {})) {
        expect(schema, `${name} ${field}`).toHaveProperty("description", expect.stringMatching(/^[A-Z1].*[.]$/));
      }
    }
  });

  test("is written the same, byte for byte, by another process", () => {
    const folder = mkdtempSync(join(tmpdir(), "midx-openapi-"));
    try {
      execFileSync(process.execPath, [join(root, "scripts/openapi.ts"), folder]);
      const text = readFileSync(join(folder, "openapi.json"), "utf8");
      expect(text).toBe(`${JSON.stringify(openApiDocument(version))}\n`);
      expect(JSON.parse(text)).toEqual(described.document);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([...QUESTION_PATHS, ...VECTORIZE_PATHS.map((path) => path.replaceAll(/:(\w+)/g, "{$1}"))])(
    "has examples at %s that are real",
    async (path) => {
      const operation = described.document.paths[path]?.post;
      const request = operation?.requestBody?.content["application/json"]?.example;
      const answer = operation?.responses[200]?.content["application/json"]?.example;
      expect(Object.values(EXAMPLES)).toContainEqual({ request, answer });
      expect(described.faultsOfRequest(`post ${path}`, request)).toEqual([]);
      const { headers, ...init } = json(request);
      const asked = { ...init, headers: { ...headers, "x-request-id": "an-id" } };
      const response = await createApp(fixedHost(labelled)).request(urlOf(path), asked);
      expect(await response.json()).toEqual(answer);
    },
  );
});

/** Good requests of every kind: path, body. */
const GOOD: readonly (readonly [path: string, body: object])[] = [
  ["/v1/predict", {}],
  ["/v1/predict", { k: 0, draws: 0 }],
  ["/v1/predict", { k: 5, exact: true }],
  ["/v1/predict", { scan: "auto" }],
  ["/v1/predict", { scan: "auto", targetError: 0, draws: 1 }],
  ["/v1/predict", { scan: 0, draws: 1, exclude: [1, 2], temperature: 2 ** -20 }],
  ["/v1/predict", { allow: [] }],
  ["/v1/predict", { allow: [], exact: true }],
  ["/v1/predict", { allow: [], scan: "auto" }],
  ["/v1/sample", { draws: 5 }],
  ["/v1/sample", { draws: 0 }],
  ["/v1/sample", { draws: 5, exact: true }],
  ["/v1/sample", { draws: 5, scan: 0, seed: "-12" }],
  ["/v1/sample", { draws: 5, allow: [] }],
  ["/v1/sample", { draws: 5, allow: [], exact: true }],
  ["/v1/sample-top", { k: 4 }],
  ["/v1/sample-top", { k: 0 }],
  ["/v1/sample-top", { k: 1000, exact: true }],
  ["/v1/sample-top", { k: 1000, scan: 0 }],
  ["/v1/sample-top", { k: 4, allow: [] }],
  ["/v1/logz", {}],
  ["/v1/logz", { scan: 0, draws: 0 }],
  ["/v1/logz", { tolerance: 0.1, scan: "auto" }],
  ["/v1/logz", { allow: [], exact: true }],
  ["/v1/logz", { allow: [] }],
  ["/v1/logprob", { ids: [] }],
  ["/v1/logprob", { ids: [3, 5], exclude: [3] }],
  ["/v1/logprob", { ids: [3, 5], allow: [], exact: true, temperature: 2 ** 20 }],
];

/** The fields that a question can't do without. */
const NEEDED: Readonly<Record<string, object>> = {
  "/v1/sample": { draws: 1 },
  "/v1/sample-top": { k: 1 },
  "/v1/logprob": { ids: [] },
};

const bodyOf = (fields: object, count: number): object => {
  const vectors = Array.from({ length: count }, (_, i) => Array.from(servedQuery(i)));
  return count === 1 ? { vector: vectors[0], ...fields } : { vectors, ...fields };
};
const raw = (count: number): RequestInit =>
  post(new Blob(Array.from({ length: count }, (_, i) => servedQuery(i) as Float32Array<ArrayBuffer>)), F32);
const queryOf = (fields: object): string =>
  String(new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)])));

describe("answers are as openapi.json says", () => {
  const met = new Set<string>();
  const expectDescribed = async (operation: string, response: Response, status: number): Promise<void> => {
    expect(response.status, operation).toBe(status);
    expect(await described.faultsOfAnswer(operation, response), operation).toEqual([]);
    met.add(`${operation} ${status}`);
  };

  test.each(GOOD)("at %s with %j: of each index, one and several, as JSON and as bytes", async (path, fields) => {
    for (const index of [labelled, plain, coded]) {
      const app = serviceOf(fixedHost(index));
      for (const count of [1, 3]) {
        const body = bodyOf(fields, count);
        expect(described.faultsOfRequest(`post ${path}`, body)).toEqual([]);
        await expectDescribed(`post ${path}`, await app.request(path, json(body)), 200);
        const bytes = await app.request(`${path}?${queryOf(fields).replaceAll("%22", "")}`, raw(count));
        await expectDescribed(`post ${path}`, bytes, 200);
      }
    }
  });

  test.each([
    ["/v1/predict", { rescore: 40 }],
    ["/v1/predict", { rescore: 0, draws: 0 }],
    ["/v1/sample", { draws: 7, rescore: 40 }],
    ["/v1/logz", { rescore: 40 }],
    ["/v1/logprob", { ids: [1], rescore: 40 }],
  ])("at %s with %j by fine codes", async (path, fields) => {
    const response = await serviceOf(fixedHost(coded)).request(path, json(bodyOf(fields, 1)));
    await expectDescribed(`post ${path}`, response, 200);
  });

  test("of Vectorize's queries and of what is read", async () => {
    for (const index of [labelled, plain, coded]) {
      const app = serviceOf(fixedHost(index));
      for (const path of ["/v1/query", ALIAS]) {
        for (const fields of [{}, { topK: 0 }, { topK: 1000 }, EXAMPLES.query.request]) {
          await expectDescribed(`post ${path}`, await app.request(urlOf(path), json(bodyOf(fields, 1))), 200);
        }
      }
      for (const operation of described.operations.filter((name) => name.startsWith("get "))) {
        await expectDescribed(operation, await app.request(operation.slice(4)), 200);
      }
      const reason = new Problem("swap_too_large", "it does not fit");
      const { health } = fixedHost(index);
      const degraded = serviceOf({ ...fixedHost(index), health: () => ({ ...health(), fault: reason }) });
      await expectDescribed("get /readyz", await degraded.request("/readyz"), 200);
    }
  });

  test("where the service fails or refuses to answer", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const host = fixedHost(plain);
    const failing = (error: Error) => () => {
      throw error;
    };
    const everywhere = [
      [500, { ...host, settings: failing(new Error("a fault of ours")) }],
      [503, { ...host, settings: failing(new Problem("misconfigured", "a variable is wrong")) }],
    ] as const;
    /** Of Vectorize's paths: what fails before they are known is no envelope. */
    const inside = [
      [500, fixedHost({ info: plain.info, topK: failing(new Error("a fault of ours")) } as unknown as MultiIndex)],
      [503, { ...host, served: () => Promise.reject("gone") }],
    ] as const;
    const rateLimiter = { limit: async () => ({ success: false }) };
    const guarded = [
      [401, fixedHost(plain, { tokens: ["0".repeat(64)] })],
      [429, { ...host, settings: (c) => ({ ...host.settings(c), rateLimiter }) } satisfies Host],
    ] as const;
    for (const operation of described.operations) {
      const [method, path = ""] = operation.split(" ");
      const isGuarded = described.answers.includes(`${operation} 401`);
      const failures = operation.endsWith("/query") ? inside : everywhere;
      for (const [status, failed] of [...failures, ...(isGuarded ? guarded : [])]) {
        const init = method === "post" ? json(bodyOf(NEEDED[path] ?? {}, 1)) : {};
        await expectDescribed(operation, await serviceOf(failed).request(urlOf(path), init), status);
      }
    }
  });

  test("where a body is wrong", async () => {
    const app = serviceOf(fixedHost(plain));
    const busy = serviceOf(fixedHost(plain, { maxWork: 1 }));
    const operations = described.operations.filter((operation) => operation.startsWith("post "));
    for (const operation of operations) {
      const path = operation.slice(5);
      for (const [wrong, status] of [
        [post("{"), 400],
        [json([]), 400],
        [json({ vector: [1] }), 400],
        [json(bodyOf({ other: 1 }, 1)), 400],
        [post(" ".repeat(2 ** 22 + 1)), 413],
        [post("{}", "text/plain"), 415],
      ] as const) {
        await expectDescribed(operation, await app.request(urlOf(path), wrong), status);
      }
      const refused = await busy.request(urlOf(path), json(bodyOf(NEEDED[path] ?? {}, 1)));
      expect(await refused.clone().text()).toContain("too_much_work");
      await expectDescribed(operation, refused, 400);
    }
  });

  test("where there is no such route or method", async () => {
    const bare = withPages(createApp(fixedHost(plain)), () => undefined);
    await expectDescribed("get /openapi.json", await bare.request("/openapi.json"), 404);
    for (const [path, status, name] of [
      ["/nowhere", 404, "Problem404"],
      ["/", 404, "Problem404"],
      ["/v1/predict", 405, "Problem405"],
      ["/v1/query", 405, "VectorizeError405"],
    ] as const) {
      const response = await bare.request(path);
      expect(response.status).toBe(status);
      expect(await described.faultsOfError(name, response)).toEqual([]);
    }
  });

  test("and all that it says there can be, there has been", () => {
    expect([...met].sort()).toEqual(described.answers.sort());
  });
});

/** Why the Worker refuses a field that the document takes: each depends on the index, which a schema doesn't know. */
const BEYOND_SCHEMAS = {
  "vectors have as many values as the index has dimensions": /^"vector(s\[\d+\])?" expected 4 values, got /,
  "ids are below the number of classes":
    /^"(ids|exclude|allow)\[\d+\]" expected an integer from 0 to \d+.*, got [\d.e+]+$/,
  "labels are for indexes that have some":
    /^"(ids|exclude|allow)\[\d+\]" expected an integer from 0 to \d+, got string$/,
  "labels are those of the index": /^"(ids|exclude|allow)\[\d+\]" expected a label of the index, got another string$/,
  "rescore is for indexes with fine codes": /^"rescore" expected an index built with "fineCodes"/,
  "heads of an index that can't be scanned whole have a limit": /^"(scan|rescore)" expected at most \d+ \(maxScan\)/,
};

describe("requests are taken as openapi.json says", () => {
  test("what the Worker takes, and what it refuses, but for what depends on the index", async () => {
    const apps = [labelled, plain, coded, bounded].map((index) => createApp(fixedHost(index)));
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(anyRequest(), fc.nat(apps.length - 1), async ([path, body], which) => {
        const sent = JSON.stringify(body);
        const response = await (apps[which] as Hono).request(path, post(sent));
        const faults = described.faultsOfRequest(`post ${path}`, JSON.parse(sent));
        if (response.status === 200) {
          count("taken");
          expect(faults).toEqual([]);
          return;
        }
        expect(response.status).toBe(400);
        if (faults.length > 0) return count("refused by both");
        const detail = detailOf(await response.json());
        const reason = Object.entries(BEYOND_SCHEMAS).find(([, pattern]) => pattern.test(detail));
        expect(reason?.[0], detail).toBeDefined();
        count(reason?.[0] as string);
      }),
      { numRuns: 6000, seed: 5 },
    );
    expect([...seen.keys()].sort()).toEqual(["refused by both", "taken", ...Object.keys(BEYOND_SCHEMAS)].sort());
    expect(seen.get("taken")).toBeGreaterThan(500);
    expect(seen.get("refused by both")).toBeGreaterThan(500);
  });

  test("in the query string beside bytes too", async () => {
    const app = createApp(fixedHost(labelled));
    let [taken, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(anyRequest(), async ([path, { vector: _, vectors: __, ...fields }]) => {
        fc.pre(path !== "/v1/query");
        const response = await app.request(`${path}?${queryOf(fields)}`, raw(1));
        const sent = Object.entries(JSON.parse(JSON.stringify(fields)) as object);
        const faults = sent.flatMap(([name, value]) =>
          described.faultsOfParameter(`post ${path}`, name, name === "seed" ? JSON.stringify(value) : value),
        );
        if (response.status === 200) {
          taken++;
          expect(faults).toEqual([]);
        } else if (faults.length > 0) refused++;
      }),
      { numRuns: 1500, seed: 6 },
    );
    expect(taken).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });
});

function detailOf(answer: { detail?: string; errors?: readonly { message: string }[] }): string {
  return answer.detail ?? answer.errors?.[0]?.message.replace(/ \(\w+\)$/, "") ?? "";
}

interface AnyBody {
  readonly vector?: unknown;
  readonly vectors?: unknown;
}

/** A path and a body for it: mostly right, with something wrong now and then. */
function anyRequest(): fc.Arbitrary<[path: string, body: AnyBody]> {
  const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ arbitrary: right as fc.Arbitrary<unknown>, weight: 16 }, ...wrong, fc.jsonValue());
  const integer = (max: number) => mostly(fc.nat(max), fc.constantFrom(-1, 0.5, max + 1, 2 ** 31, 1e300, "7", true));
  const number = mostly(fc.double({ min: 0.001, max: 3, noNaN: true }), fc.constantFrom(0, -1, 2 ** 21, 1e-9, "1"));
  const value = fc.oneof(
    { arbitrary: fc.float({ min: -3, max: 3, noNaN: true }) as fc.Arbitrary<unknown>, weight: 200 },
    fc.constantFrom(1e300, -(2 ** 41), null, "1"),
  );
  const vector = mostly(
    fc.array(value, { minLength: SERVED_DIM, maxLength: SERVED_DIM }),
    fc.array(value, { maxLength: 6 }),
  );
  const id = fc.oneof(
    { arbitrary: fc.nat(59) as fc.Arbitrary<unknown>, weight: 20 },
    fc.constantFrom<unknown>(...["word 3", "word 99", -1, 0.5, 10000, null]),
  );
  const ids = mostly(fc.array(id, { maxLength: 4 }));
  const seed = mostly(fc.maxSafeInteger(), fc.constantFrom("12", "-3", "1.5", "", 2 ** 53, 0.5));
  const scan = integer(64);
  const common = { temperature: number, exclude: ids, allow: ids, seed, exact: mostly(fc.boolean()) };
  const estimate = {
    ...common,
    scan: fc.oneof(scan, fc.constantFrom("auto", "all")),
    draws: integer(4096),
    targetError: number,
    rescore: integer(50),
  };
  const unknown = { other: fc.constant(1) };
  const request = (path: string, needed: Record<string, fc.Arbitrary<unknown>>, optional: typeof needed) => {
    const queries = fc.oneof(
      { arbitrary: fc.record({ vector }) as fc.Arbitrary<AnyBody>, weight: 8 },
      { arbitrary: fc.record({ vectors: mostly(fc.array(vector, { maxLength: 3 })) }), weight: 4 },
      fc.record({ vector, vectors: fc.array(vector) }, { requiredKeys: [] }),
    );
    const few = fc
      .subarray(Object.keys(optional), { maxLength: 3 })
      .chain((names) =>
        fc.record(Object.fromEntries(names.map((name) => [name, optional[name] as fc.Arbitrary<unknown>]))),
      );
    const own = fc.oneof({ arbitrary: fc.record(needed), weight: 9 }, fc.record(needed, { requiredKeys: [] }));
    return fc.tuple(queries, own, few).map((parts): [string, AnyBody] => [path, Object.assign({}, ...parts)]);
  };
  return fc.oneof(
    request("/v1/predict", {}, { k: integer(1000), ...estimate, ...unknown }),
    request("/v1/sample", { draws: integer(4096) }, { ...common, scan, rescore: integer(50), ...unknown }),
    request("/v1/sample-top", { k: integer(1000) }, { ...common, scan, ...unknown }),
    request("/v1/logz", {}, { ...estimate, tolerance: number, ...unknown }),
    request("/v1/logprob", { ids }, { ...estimate, ...unknown }),
    request(
      "/v1/query",
      {},
      {
        topK: integer(1000),
        returnValues: fc.constantFrom<unknown>(false, true, null),
        returnMetadata: fc.constantFrom<unknown>("none", "all", "indexed", false, true),
        filter: fc.constantFrom<unknown>({}, null),
        namespace: fc.constant("a"),
        exact: fc.boolean(),
      },
    ),
  );
}
