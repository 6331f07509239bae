import { beforeAll, describe, expect, it } from "vitest";
import type { MultiIndex } from "../../src/multi-index.ts";
import { libraryIndex, post, queryOf, send } from "./client.ts";

let index: MultiIndex;
let vectors: number[][];

beforeAll(async () => {
  index = await libraryIndex();
  vectors = [0, 1, 2, 3].map((seed) => queryOf(index.info.dim, seed));
});

function query(i: number): Float32Array {
  return Float32Array.from(vectors[i] ?? []);
}

describe("POST /v1/predict", () => {
  it("answers what the library answers, with the index named and the seed as a decimal string", async () => {
    const response = await post("/v1/predict", { vector: vectors[0], k: 7, scan: 64, draws: 50, seed: 9 });
    const answer = index.predict(query(0), 7, { scan: 64, draws: 50, seed: 9 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      contentId: index.info.contentId,
      ids: Array.from(answer.ids),
      scores: Array.from(answer.scores),
      probabilities: Array.from(answer.probabilities),
      logPartition: answer.logPartition,
      standardError: answer.standardError,
      effectiveSampleSize: answer.effectiveSampleSize,
      lowEss: answer.lowEss,
      exact: answer.exact,
      scored: answer.scored,
      seed: "9",
    });
  });

  it("returns the ten best classes when the request doesn't say how many", async () => {
    const answer = await (await post("/v1/predict", { vector: vectors[0] })).json<{ ids: number[]; seed: string }>();
    expect(answer.ids).toHaveLength(10);
    expect(answer.seed).toMatch(/^\d+$/);
  });

  it("is certain when asked to be exact", async () => {
    const response = await post("/v1/predict", { vector: vectors[0], k: 7, scan: 8, exact: true });
    const answer = index.predict(query(0), 7, { exact: true });
    expect(await response.json()).toMatchObject({
      ids: Array.from(answer.ids),
      probabilities: Array.from(answer.probabilities),
      standardError: 0,
      exact: true,
      scored: index.info.itemCount,
    });
  });

  it("returns every class there is when k is larger", async () => {
    const answer = await (await post("/v1/predict", { vector: vectors[0], k: 1000, scan: 1000 })).json<{
      ids: number[];
    }>();
    expect(answer.ids).toHaveLength(index.info.itemCount);
  });

  it("returns nothing for k = 0", async () => {
    const answer = await (await post("/v1/predict", { vector: vectors[0], k: 0 })).json<{ ids: number[] }>();
    expect(answer.ids).toEqual([]);
  });
});

describe("POST /v1/sample", () => {
  it("answers what the library answers", async () => {
    const response = await post("/v1/sample", { vector: vectors[1], draws: 20, scan: 32, seed: 4 });
    const answer = index.sample(query(1), 20, { scan: 32, seed: 4 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      contentId: index.info.contentId,
      ids: Array.from(answer.ids),
      scores: Array.from(answer.scores),
      logQ: Array.from(answer.logQ),
      scored: answer.scored,
      seed: "4",
    });
  });

  it("draws from the softmax itself when asked to be exact", async () => {
    const response = await post("/v1/sample", { vector: vectors[1], draws: 20, seed: 4, exact: true });
    const answer = index.sample(query(1), 20, { seed: 4, exact: true });
    expect(await response.json()).toMatchObject({ ids: Array.from(answer.ids), logQ: Array.from(answer.logQ) });
  });

  it("keeps all 64 bits of a seed that is given as a string", async () => {
    const seed = "18446744073709551615";
    const response = await post("/v1/sample", { vector: vectors[1], draws: 20, seed });
    const answer = index.sample(query(1), 20, { scan: 1024, seed: 2n ** 64n - 1n });
    expect(await response.json()).toMatchObject({ seed, ids: Array.from(answer.ids) });
  });

  it("takes a seed modulo 2^64 and gives it back so", async () => {
    const response = await post("/v1/sample", { vector: vectors[1], draws: 1, seed: -1 });
    expect(await response.json()).toMatchObject({ seed: "18446744073709551615" });
  });

  it("repeats its draws when it is given the seed of an answer", async () => {
    const first = await (await post("/v1/sample", { vector: vectors[2], draws: 30 })).json<{ seed: string }>();
    const second = await post("/v1/sample", { vector: vectors[2], draws: 30, seed: first.seed });
    expect(await second.json()).toEqual(first);
  });
});

describe("POST /v1/logz", () => {
  it("answers what the library answers", async () => {
    const response = await post("/v1/logz", { vector: vectors[3], scan: 16, draws: 40, seed: 2 });
    const answer = index.logPartition(query(3), { scan: 16, draws: 40, seed: 2 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      contentId: index.info.contentId,
      logPartition: answer.logPartition,
      standardError: answer.standardError,
      effectiveSampleSize: answer.effectiveSampleSize,
      lowEss: answer.lowEss,
      scored: answer.scored,
      seed: "2",
    });
  });
});

describe("a batch", () => {
  it.each([
    ["/v1/predict", { k: 5, scan: 32, seed: 3 }],
    ["/v1/sample", { draws: 12, scan: 8, seed: 3 }],
    ["/v1/logz", { scan: 8, seed: 3 }],
  ])("of %s gives the answers of its single queries, in their order", async (path, options) => {
    const singles = await Promise.all(
      vectors.map(async (vector) => (await post(path, { vector, ...options })).json<Record<string, unknown>>()),
    );
    const { contentId, results } = await (await post(path, { vectors, ...options })).json<{
      contentId: string;
      results: Record<string, unknown>[];
    }>();
    expect(results.map((result) => ({ contentId, ...result }))).toEqual(singles);
  });
});

describe("GET", () => {
  it("/v1/info describes the index", async () => {
    expect(await (await send("/v1/info")).json()).toEqual(JSON.parse(JSON.stringify(index.info)));
  });

  it("/healthz answers that the Worker runs", async () => {
    expect(await (await send("/healthz")).json()).toEqual({ status: "ok" });
  });

  it("/readyz answers which index is served", async () => {
    expect(await (await send("/readyz")).json()).toEqual({ status: "ready", contentId: index.info.contentId });
  });
});

describe("every answer", () => {
  it("carries a request id of its own", async () => {
    const ids = await Promise.all([1, 2].map(async () => (await send("/healthz")).headers.get("x-request-id")));
    expect(ids[0]).toMatch(/^[\w-]{8,}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("carries the request id the client sent", async () => {
    const response = await send("/nope", { headers: { "x-request-id": "trace-17" } });
    expect(response.headers.get("x-request-id")).toBe("trace-17");
    expect(await response.json()).toMatchObject({ requestId: "trace-17" });
  });
});
