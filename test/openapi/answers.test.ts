import { describe, expect, test, vi } from "vitest";
import { createApp } from "../../worker/app.ts";
import { Problem } from "../../worker/contract/problem.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { Host } from "../../worker/host/host.ts";
import { EXAMPLES } from "../../worker/openapi/examples.ts";
import { servedIndex } from "../fixtures/served-index.ts";
import {
  bodyOf,
  coded,
  described,
  goodBodyOf,
  json,
  labelled,
  plain,
  post,
  queryOf,
  raw,
  serviceOf,
  urlOf,
  withPages,
} from "./service.ts";

/** Valid requests of every kind, as path and body. */
const GOOD: readonly (readonly [path: string, body: object])[] = [
  ["/v1/predict", {}],
  ["/v1/predict", { k: 0, draws: 0 }],
  ["/v1/predict", { k: 5, exact: true }],
  ["/v1/predict", { scan: "auto" }],
  ["/v1/predict", { scan: "auto", targetError: 0, draws: 1 }],
  ["/v1/predict", { scan: "auto", temperature: 2 ** -20 }],
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
  ["/v1/predict", { k: 5, diversity: {} }],
  ["/v1/predict", { k: 5, diversity: { lambda: 0, pool: 5 }, exact: true }],
  ["/v1/sample", { draws: 5, mixture: { uniform: 0.2, popularity: { share: 0.1, power: 0.5 } } }],
  ["/v1/sample", { draws: 5, allow: [], mixture: { uniform: 1 } }],
  ["/v1/slate-log-probability", { ids: [] }],
  ["/v1/slate-log-probability", { ids: [3, 5, 4], temperature: 2 }],
  ["/v1/slate-log-probability", { ids: [3, 5], exclude: [3], exact: true }],
  ["/v1/sample-top-k", { k: 4 }],
  ["/v1/sample-top-k", { k: 0 }],
  ["/v1/sample-top-k", { k: 1000, exact: true }],
  ["/v1/sample-top-k", { k: 1000, scan: 0 }],
  ["/v1/sample-top-k", { k: 4, allow: [] }],
  ["/v1/log-partition", {}],
  ["/v1/log-partition", { scan: 0, draws: 0 }],
  ["/v1/log-partition", { tolerance: 0.1, scan: "auto" }],
  ["/v1/log-partition", { allow: [], exact: true }],
  ["/v1/log-partition", { allow: [] }],
  ["/v1/log-probability", { ids: [] }],
  ["/v1/log-probability", { ids: [3, 5], exclude: [3] }],
  ["/v1/predict", { history: [3, 3, 5], frequencyPenalty: 0.5, repetitionPenalty: 1.1 }],
  ["/v1/sample-top-k", { k: 4, history: [3], presencePenalty: -1 }],
  ["/v1/decode", {}],
  ["/v1/decode", { temperature: 0 }],
  ["/v1/decode", { temperature: 2, min_p: 0.1, top_k: 5, top_p: 0.9, logprobs: 0 }],
  ["/v1/decode", { top_p: 0.5, certain: true, logprobs: 3, exclude: [1] }],
  ["/v1/decode", { top_p: 0.9, target_error: 0, allowed_token_ids: [1, 2, 3] }],
  ["/v1/log-probability", { ids: [3, 5], allow: [], exact: true, temperature: 2 ** 20 }],
];
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
        const beside = queryOf(count === 1 ? fields : { batch: count, ...fields }).replaceAll(
          /=%22([^%&]*)%22/g,
          "=$1",
        );
        const bytes = await app.request(`${path}?${beside}`, raw(count));
        await expectDescribed(`post ${path}`, bytes, 200);
      }
    }
  });

  test.each([
    ["/v1/predict", { proposal: "codes" }],
    ["/v1/predict", { proposal: "codes", scan: 0, draws: 0 }],
    ["/v1/sample", { draws: 7, proposal: "codes", scan: 40 }],
    ["/v1/log-partition", { proposal: "buckets", scan: 40 }],
    ["/v1/log-probability", { ids: [1], proposal: "codes" }],
    ["/v1/predict", { bias: { ids: [3], values: [1.5] }, history: [3, 5], presencePenalty: 0.5 }],
    ["/v1/sample", { draws: 7, bias: { ids: [1, 2], values: ["-Infinity", -2] }, proposal: "codes" }],
    ["/v1/decode", { logit_bias: { 1: "-Infinity", 2: 3 }, order: ["top_k", "temperature", "min_p"], min_p: 0.5 }],
  ])("at %s with %j by fine codes", async (path, fields) => {
    const response = await serviceOf(fixedHost(coded)).request(path, json(bodyOf(fields, 1)));
    await expectDescribed(`post ${path}`, response, 200);
  });

  test("with what JSON has no number for", async () => {
    const app = serviceOf(fixedHost(await servedIndex({ itemCount: 12_000 }))); // enough for a head to be tried
    const ask = async (fields: string): Promise<unknown> => {
      const body = JSON.stringify(bodyOf({}, 1)).replace("}", `,${fields}}`);
      const response = await app.request("/v1/log-partition", post(body));
      const answer: unknown = await response.clone().json();
      await expectDescribed("post /v1/log-partition", response, 200);
      return answer;
    };
    const boundless = { expectedError: null, expectedErrorAtDefault: null };
    expect(await ask('"scan":"auto","temperature":0.0001,"targetError":1e999')).toMatchObject({ choice: boundless });
    expect(await ask('"scan":"auto","allow":[]')).toMatchObject({ choice: { headShare: 1, exact: true } });
    expect(await ask('"scan":0,"draws":0')).toMatchObject({ standardError: null });
    expect(await ask('"allow":[]')).toMatchObject({ logPartition: null, lower: null, upper: null });
  });

  test("of Vectorize's queries and of what is read", async () => {
    for (const index of [labelled, plain, coded]) {
      const app = serviceOf(fixedHost(index));
      for (const path of described.operations.filter((name) => name.endsWith("/query")).map((name) => name.slice(5))) {
        const metadata = ["none", "indexed", "all", true, false].map((returnMetadata) => ({ returnMetadata }));
        for (const fields of [
          {},
          { topK: 0 },
          { topK: 1000 },
          ...metadata,
          EXAMPLES.vectorizeQuery.request,
          { filter: {} },
        ]) {
          await expectDescribed(`post ${path}`, await app.request(urlOf(path), json(bodyOf(fields, 1))), 200);
        }
        const byId = { vectorId: index === labelled ? "word 3" : "3", returnValues: true };
        await expectDescribed(`post ${path}`, await app.request(urlOf(path), json(byId)), 200);
      }
      for (const operation of described.operations.filter((name) => name.endsWith("/get_by_ids"))) {
        for (const ids of [[], ["3", "word 3", "no such word"]]) {
          await expectDescribed(operation, await app.request(urlOf(operation.slice(5)), json({ ids })), 200);
        }
      }
      for (const operation of described.operations.filter((name) => name.startsWith("get "))) {
        await expectDescribed(operation, await app.request(urlOf(operation.slice(4))), 200);
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
    const rateLimiter = { limit: async () => ({ success: false }) };
    const guarded = [
      [401, fixedHost(plain, { tokens: ["0".repeat(64)] })],
      [429, { ...host, settings: (c) => ({ ...host.settings(c), rateLimiter }) } satisfies Host],
    ] as const;
    for (const operation of described.operations) {
      const [method, path = ""] = operation.split(" ");
      const isGuarded = described.answers.includes(`${operation} 401`);
      for (const [status, failed] of [...everywhere, ...(isGuarded ? guarded : [])]) {
        const init = method === "post" ? json(goodBodyOf(path)) : {};
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
        [json({ ...goodBodyOf(path), other: 1 }), 400],
        [post(" ".repeat(2 ** 22 + 1)), 413],
        [post("{}", "text/plain"), 415],
      ] as const) {
        await expectDescribed(operation, await app.request(urlOf(path), wrong), status);
      }
      const refused = await busy.request(urlOf(path), json(goodBodyOf(path)));
      expect(await refused.clone().text()).toContain("too_much_work");
      await expectDescribed(operation, refused, 400);
    }
  });

  test("where a query string is wrong", async () => {
    const app = serviceOf(fixedHost(plain));
    const operation = described.operations.find((name) => name.endsWith("{index}/list")) as string;
    for (const wrong of ["count=0", "count=1001", "count=two", "cursor=5", "cursor=5@0123456789ab", "page=2"]) {
      await expectDescribed(operation, await app.request(`${urlOf(operation.slice(4))}?${wrong}`), 400);
    }
  });

  test("where a path is asked by another method", async () => {
    const app = serviceOf(fixedHost(plain));
    for (const operation of described.operations) {
      const [, path = ""] = operation.split(" ");
      await expectDescribed(operation, await app.request(urlOf(path), { method: "PATCH" }), 405);
    }
  });

  test("where a body does not come to its end", async () => {
    const app = serviceOf(fixedHost(plain, { bodySeconds: 1 }));
    const operations = described.operations.filter((operation) => operation.startsWith("post "));
    await Promise.all(
      operations.map(async (operation) => {
        const init = { ...post(""), body: new ReadableStream(), duplex: "half" };
        await expectDescribed(operation, await app.request(urlOf(operation.slice(5)), init), 408);
      }),
    );
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
