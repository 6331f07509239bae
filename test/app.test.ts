import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";
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

/** 2·K·D + buckets + (scan + draws)·D of one query: 4 codewords, all 50 classes scanned, 100 draws. */
function workOfRequest(): number {
  return 2 * 4 * DIM + index.info.bucketCount + (50 + 100) * DIM;
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
    const work = workOfRequest();
    const ask = (maxWork: number) =>
      createApp(async () => index, { maxWork: () => maxWork }).request("/v1/predict", REQUEST);
    expect((await ask(work)).status).toBe(200);
    const refused = await ask(work - 1);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: "too_much_work",
      detail: expect.stringContaining(`needs ${work} multiply-adds, the limit is ${work - 1}`),
    });
  });

  it("counts the work of every vector of a batch", async () => {
    const app = createApp(async () => index, { maxWork: () => 3 * workOfRequest() });
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
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(anyRequest(), async ([path, body]) => {
        const { status } = await app.request(path, jsonRequest(body));
        statuses.add(status);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 1000, seed: 2 },
    );
    expect(statuses).toEqual(new Set([200, 400]));
  });
});

/** A path and a body for it: right and wrong fields in about equal parts. */
function anyRequest() {
  const count = fc.integer({ min: 0, max: 100 });
  const edge = fc.constantFrom(-1, 0.5, 4097, 2 ** 31, 2 ** 53, 1e300);
  const field = fc.oneof({ arbitrary: count, weight: 8 }, edge, fc.jsonValue());
  const value = fc.oneof({ arbitrary: fc.float({ noNaN: true, min: -3, max: 3 }), weight: 20 }, edge, fc.jsonValue());
  const vector = fc.array(value, { minLength: DIM, maxLength: DIM });
  const vectors = fc.array(vector, { minLength: 1, maxLength: 3 });
  const bodyOf = (fields: string[]) =>
    fc.tuple(
      fc.oneof(fc.record({ vector }), fc.record({ vectors })),
      fc.record(Object.fromEntries(fields.map((name) => [name, field])), { requiredKeys: [] }),
    );
  const request = (path: string, fields: string[]) =>
    bodyOf(fields).map(([queries, options]): [string, object] => [path, { ...queries, ...options }]);
  return fc.oneof(
    request("/v1/predict", ["k", "scan", "draws", "seed"]),
    request("/v1/sample", ["draws", "scan", "seed"]),
    request("/v1/logz", ["scan", "draws", "seed"]),
    request("/v1/query", ["topK"]),
  );
}

describe("the Worker's bundle", () => {
  it("is at most 60 KB gzipped, kernels included", async () => {
    const root = fileURLToPath(new URL("..", import.meta.url));
    const { outputFiles } = await bundle({
      entryPoints: [`${root}worker/index.ts`],
      bundle: true,
      minify: true,
      format: "esm",
      external: ["*.wasm"],
      write: false,
    });
    const kernels = await readFile(`${root}build/query.wasm`);
    const bytes = [...outputFiles.map(({ contents }) => contents), kernels].map((part) => gzipSync(part).byteLength);
    expect(bytes.reduce((total, part) => total + part)).toBeLessThanOrEqual(60_000);
  });
});
