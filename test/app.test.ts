import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { FormatError, load, type MultiIndex } from "../src/index.ts";
import { build } from "../src/train/index.ts";
import { createApp } from "../worker/app.ts";

const DIM = 4;
let index: MultiIndex;

beforeAll(async () => {
  const data = Float32Array.from({ length: 50 * DIM }, (_, i) => ((i * 37) % 101) / 50 - 1);
  index = await load(await build({ data, shape: [50, DIM] }, { bits: 2, seed: 1 }));
});

afterEach(() => {
  vi.restoreAllMocks();
});

function jsonRequest(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** An index whose predict throws `error`. */
function brokenIndex(error: Error): MultiIndex {
  const predict = () => {
    throw error;
  };
  return { info: index.info, predict } as unknown as MultiIndex;
}

const REQUEST = jsonRequest({ vector: [1, 0, 0, 0], k: 3, seed: 1 });

describe("createApp outside of Workers", () => {
  it("answers from any index it is given", async () => {
    const response = await createApp(async () => index).request("/v1/predict", REQUEST);
    const { ids } = index.predict(new Float32Array([1, 0, 0, 0]), 3, { scan: 1024, seed: 1 });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ contentId: index.info.contentId, ids: Array.from(ids) });
  });

  it.each([
    [new FormatError("checksum", 64, "rows were changed"), "index_invalid"],
    [new RangeError("index needs 131.2 MiB, limit is 120.0 MiB"), "index_too_large"],
    [new Error("connection reset"), "index_unreadable"],
    ["gone", "index_unreadable"],
  ])("explains with a 503 why there is no index: %s", async (reason, code) => {
    const app = createApp(() => Promise.reject(reason));
    for (const [path, init] of [["/readyz"], ["/v1/info"], ["/v1/predict", REQUEST]] as const) {
      const response = await app.request(path, init);
      expect(response.status).toBe(503);
      const detail = reason instanceof Error ? reason.message : reason;
      expect(await response.json()).toMatchObject({ code, detail });
    }
    expect((await app.request("/healthz")).status).toBe(200);
  });

  it("refuses a request above the work limit, and takes it below", async () => {
    const ask = (maxWork: number) =>
      createApp(async () => index, { maxWork: () => maxWork }).request("/v1/predict", REQUEST);
    // 2·K·D + buckets + (scan + draws)·D = 2·4·4 + 16 + (50 + 100)·4
    expect((await ask(648)).status).toBe(200);
    const refused = await ask(647);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: "too_much_work", detail: expect.stringContaining("648") });
  });

  it("counts the work of every vector of a batch", async () => {
    const app = createApp(async () => index, { maxWork: () => 3 * 648 });
    const ask = (count: number) =>
      app.request("/v1/predict", jsonRequest({ vectors: Array.from({ length: count }, () => [1, 0, 0, 0]) }));
    expect((await ask(3)).status).toBe(200);
    expect((await ask(4)).status).toBe(400);
  });

  it("answers 400 when the library refuses an argument, with its words", async () => {
    const error = new RangeError('"scan" expected at most 65536 (maxScan), got 70000');
    const response = await createApp(async () => brokenIndex(error)).request("/v1/predict", REQUEST);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid_field", detail: error.message });
  });

  it("answers 500 when our own code fails, without its message or stack", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const error = new TypeError("Cannot read properties of undefined (reading 'length')");
    const response = await createApp(async () => brokenIndex(error)).request("/v1/predict", REQUEST);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: "internal", detail: "the request could not be answered" });
    expect(text).not.toMatch(/undefined|\.ts|at /);
    expect(log).toHaveBeenCalledWith(error);
  });

  it("answers every JSON body with a 200 or a 4xx", async () => {
    const app = createApp(async () => index);
    const number = fc.oneof(fc.integer({ min: -2, max: 5000 }), fc.double(), fc.constantFrom(0, 1, 2 ** 31, 2 ** 53));
    const vector = fc.oneof(
      fc.array(number, { minLength: DIM, maxLength: DIM }),
      fc.array(fc.jsonValue(), { maxLength: 5 }),
    );
    const value = fc.oneof(number, fc.jsonValue());
    const body = fc.record(
      {
        vector,
        vectors: fc.array(vector, { maxLength: 3 }),
        k: value,
        topK: value,
        draws: value,
        scan: value,
        seed: value,
      },
      { requiredKeys: [] },
    );
    const path = fc.constantFrom("/v1/predict", "/v1/query", "/v1/sample", "/v1/logz");
    await fc.assert(
      fc.asyncProperty(path, body, async (path, body) => {
        const { status } = await app.request(path, jsonRequest(body));
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 1000, seed: 2 },
    );
  });
});
