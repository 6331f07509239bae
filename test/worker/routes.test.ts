import { beforeAll, describe, expect, it } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { jsonInit, libraryIndex, post, queryOf, send } from "./client.ts";

let index: MultiIndex;
let vectors: number[][];
let version: string;

beforeAll(async () => {
  index = await libraryIndex();
  version = index.info.contentId.slice(0, 12);
  vectors = [0, 1, 2, 3].map((seed) => queryOf(index.info.dim, seed));
});

function query(i: number): Float32Array {
  return Float32Array.from(vectors[i] ?? []);
}

/** An answer of the library as JSON: typed arrays as arrays, seeds as text, numbers that are not finite as null. */
function jsonOf(answer: object): object {
  const plain = (_: string, value: unknown) =>
    typeof value === "bigint" ? String(value) : ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
  return { version, requestId: expect.any(String), ...JSON.parse(JSON.stringify(answer, plain)) };
}

async function answerOf(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await post(path, body);
  expect(response.status).toBe(200);
  return response.json();
}

describe("POST /v1/predict", () => {
  it("answers what the library answers, with the index named and the seed as a decimal string", async () => {
    const response = await post("/v1/predict", { vector: vectors[0], k: 7, scan: 64, draws: 50, seed: 9 });
    const answer = index.predict(query(0), 7, { scan: 64, draws: 50, seed: 9 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      version,
      requestId: response.headers.get("x-request-id"),
      ids: Array.from(answer.ids),
      scores: Array.from(answer.scores),
      probabilities: Array.from(answer.probabilities),
      logPartition: answer.logPartition,
      standardError: answer.standardError,
      effectiveSampleSize: answer.effectiveSampleSize,
      modelError: answer.modelError,
      calibrated: answer.calibrated,
      headShare: answer.headShare,
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
    const response = await post("/v1/predict", { vector: vectors[0], k: 7, exact: true });
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
      version,
      requestId: response.headers.get("x-request-id"),
      ids: Array.from(answer.ids),
      scores: Array.from(answer.scores),
      logQ: Array.from(answer.logQ),
      effectiveSampleSize: answer.effectiveSampleSize,
      scored: answer.scored,
      seed: "4",
    });
  });

  it("draws from the softmax itself when asked to be exact", async () => {
    const response = await post("/v1/sample", { vector: vectors[1], draws: 20, seed: 4, exact: true });
    const answer = index.sample(query(1), 20, { seed: 4, exact: true });
    expect(await response.json()).toEqual(jsonOf(answer));
    expect(answer).not.toHaveProperty("logQ");
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
    expect(await second.json()).toEqual({ ...first, requestId: expect.any(String) });
  });
});

describe("POST /v1/log-partition", () => {
  it("answers what the library answers", async () => {
    const response = await post("/v1/log-partition", { vector: vectors[3], scan: 16, draws: 40, seed: 2 });
    const answer = index.logPartition(query(3), { scan: 16, draws: 40, seed: 2 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      version,
      requestId: response.headers.get("x-request-id"),
      logPartition: answer.logPartition,
      lower: answer.lower,
      upper: answer.upper,
      standardError: answer.standardError,
      effectiveSampleSize: answer.effectiveSampleSize,
      modelError: answer.modelError,
      calibrated: answer.calibrated,
      headShare: answer.headShare,
      lowEss: answer.lowEss,
      scored: answer.scored,
      seed: "2",
    });
  });
});

describe("POST /v1/log-partition with a tolerance", () => {
  it("brings the bounds together", async () => {
    const options = { scan: 8, draws: 40, seed: 2 };
    const wide = await answerOf("/v1/log-partition", { vector: vectors[3], ...options });
    expect(Number(wide.upper) - Number(wide.lower)).toBeGreaterThan(0.01);
    const close = await answerOf("/v1/log-partition", { vector: vectors[3], ...options, tolerance: 0.01 });
    expect(close).toEqual(jsonOf(index.logPartition(query(3), { ...options, tolerance: 0.01 })));
    expect(Number(close.upper) - Number(close.lower)).toBeLessThanOrEqual(0.01);
  });
});

describe("POST /v1/sample-top-k", () => {
  it.each([false, true])("answers what the library answers, with exact %s", async (exact) => {
    const options = exact ? { seed: 4, exact } : { seed: 4, scan: 32 };
    const answer = await answerOf("/v1/sample-top-k", { vector: vectors[1], k: 9, ...options });
    expect(answer).toEqual(jsonOf(index.sampleTopK(query(1), 9, options)));
    expect(Object.keys(answer).sort()).toEqual([
      "exact",
      "ids",
      "keys",
      "logWeights",
      "requestId",
      "scored",
      "scores",
      "seed",
      "threshold",
      "version",
    ]);
    expect(new Set(answer.ids as number[]).size).toBe(9);
  });

  it("has no threshold where all classes are drawn", async () => {
    const allow = [5, 3, 8];
    const answer = await answerOf("/v1/sample-top-k", { vector: vectors[1], k: 4, allow, seed: 1 });
    expect((answer.ids as number[]).sort()).toEqual([3, 5, 8]);
    expect(answer.threshold).toBeNull();
  });
});

describe("POST /v1/log-probability", () => {
  it("answers what the library answers, for the ids in their order", async () => {
    const ids = [7, 0, 7, index.info.itemCount - 1];
    const options = { scan: 32, draws: 50, seed: 4 };
    const answer = await answerOf("/v1/log-probability", { vector: vectors[1], ids, ...options });
    expect(answer).toEqual(jsonOf(index.logProbability(query(1), ids, options)));
    expect(answer.logProbabilities).toHaveLength(4);
  });

  it("has null for a class that takes no part", async () => {
    const answer = await answerOf("/v1/log-probability", { vector: vectors[1], ids: [4, 5], exclude: [5], seed: 1 });
    expect(answer.logProbabilities).toEqual([expect.any(Number), null]);
  });
});

const CALLS: [path: string, fields: object, call: (options: object) => object][] = [
  ["/v1/predict", { k: 7 }, (options) => index.predict(query(0), 7, options)],
  ["/v1/sample", { draws: 20 }, (options) => index.sample(query(0), 20, options)],
  ["/v1/sample-top-k", { k: 7 }, (options) => index.sampleTopK(query(0), 7, options)],
  ["/v1/log-partition", {}, (options) => index.logPartition(query(0), options)],
  ["/v1/log-probability", { ids: [1, 2, 3] }, (options) => index.logProbability(query(0), [1, 2, 3], options)],
];

describe.each(CALLS)("POST %s", (path, fields, call) => {
  it.each([
    { temperature: 0.5 },
    { exclude: [0, 1, 2, 3] },
    { allow: [9, 1, 3, 5, 7] },
    { temperature: 2, exclude: [2, 1], allow: [9, 1, 3, 5, 7], exact: true },
    { exclude: [], allow: [3], temperature: 1 },
  ])("is about the distribution that %j asks for, and the next request about its own", async (conditions) => {
    const asked = { ...("exact" in conditions ? {} : { scan: 16 }), seed: 6, ...conditions };
    expect(await answerOf(path, { vector: vectors[0], ...fields, ...asked })).toEqual(jsonOf(call(asked)));
    const plain = { scan: 16, seed: 6 };
    expect(await answerOf(path, { vector: vectors[0], ...fields, ...plain })).toEqual(jsonOf(call(plain)));
  });

  it("answers with valid JSON where no class takes part", async () => {
    for (const exact of [false, true]) {
      const asked = { allow: [], seed: 6, exact };
      expect(await answerOf(path, { vector: vectors[0], ...fields, ...asked })).toEqual(jsonOf(call(asked)));
    }
  });
});

describe.each(CALLS.filter(([path]) => !path.startsWith("/v1/sample")))("POST %s", (path, fields, call) => {
  const auto = { scan: "auto", draws: 50 };
  it.each([
    { targetError: 0.5, draws: 50 },
    { ...auto, targetError: 0 },
    { ...auto, draws: 0 },
  ])("chooses the head with %j, and says what it went by", async (options) => {
    const asked = { seed: 6, ...options };
    const answer = await answerOf(path, { vector: vectors[0], ...fields, ...asked });
    expect(answer).toEqual(jsonOf(call(asked)));
    expect(answer.choice).toMatchObject({ scan: expect.any(Number), exact: expect.any(Boolean) });
  });
});

it("an empty set of classes has the log-partition null", async () => {
  expect(await answerOf("/v1/log-partition", { vector: vectors[0], allow: [] })).toMatchObject({
    logPartition: null,
    lower: null,
    upper: null,
  });
});

describe("a batch", () => {
  it.each([
    ["/v1/predict", { k: 5, scan: 32, seed: 3, temperature: 0.7 }],
    ["/v1/predict", { k: 5, scan: "auto", targetError: 0.01, seed: 3 }],
    ["/v1/predict", { k: 5, targetError: 0.01, seed: 3 }],
    ["/v1/sample", { draws: 12, scan: 8, seed: 3, exclude: [1, 2] }],
    ["/v1/sample", { draws: 12, seed: 3, exact: true }],
    ["/v1/sample-top-k", { k: 12, scan: 8, seed: 3, exclude: [1, 2] }],
    ["/v1/log-partition", { scan: 8, seed: 3, tolerance: 0.1 }],
    ["/v1/log-probability", { ids: [3, 1], scan: 8, seed: 3, allow: [1, 2, 3] }],
    ["/v1/predict", { k: 5, diversity: {}, seed: 3 }],
    ["/v1/sample", { draws: 12, scan: 8, seed: 3, mixture: { uniform: 0.5 }, exclude: [1, 2] }],
    ["/v1/slate-log-probability", { ids: [3, 1], scan: 8, allow: [1, 2, 3] }],
  ])("of %s gives the answers of its single queries, in their order", async (path, options) => {
    const singles = await Promise.all(
      vectors.map(async (vector) => (await post(path, { vector, ...options })).json<Record<string, unknown>>()),
    );
    const batch = await (await post(path, { vectors, ...options })).json<{
      version: string;
      requestId: string;
      results: Record<string, unknown>[];
    }>();
    const said = { version: batch.version, requestId: expect.any(String) };
    expect(batch.results.map((result) => ({ ...said, ...result }))).toEqual(singles);
  });
});

describe("GET", () => {
  it("/v1/info describes the index", async () => {
    const info = JSON.parse(JSON.stringify(index.info));
    expect(await (await send("/v1/info")).json()).toEqual({ version, ...info });
  });

  it("/healthz answers that the Worker runs", async () => {
    expect(await (await send("/healthz")).json()).toEqual({ status: "ok" });
  });

  it("/readyz answers which index is served", async () => {
    expect(await (await send("/readyz")).json()).toEqual({
      status: "ready",
      version,
      contentId: index.info.contentId,
    });
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

  it.each(["with space", "a/b", "x".repeat(256)])("carries an id of its own for %j", async (given) => {
    const headers = { "x-request-id": given };
    const id = (await send("/healthz", { headers })).headers.get("x-request-id");
    expect(id).toMatch(/^[\w-]{8,}$/);
    expect(id).not.toBe(given);
  });

  it.each(["/v1/predict", "/v1/query", "/client/v4/none", "/none"])(
    "to a POST of %s carries the id that the client sent, whether it is an error or not",
    async (path) => {
      for (const body of [{ vector: queryOf(index.info.dim, 1) }, {}]) {
        const init = jsonInit(body);
        const response = await send(path, { ...init, headers: { ...init.headers, "x-request-id": "trace-17" } });
        expect(response.headers.get("x-request-id")).toBe("trace-17");
      }
    },
  );
});

it("a body of JSON may begin with a byte order mark", async () => {
  const init = jsonInit(`\ufeff${JSON.stringify({ vector: vectors[0] })}`);
  const byteLength = new TextEncoder().encode(init.body as string).length;
  const headers = { ...init.headers, "content-length": String(byteLength) };
  for (const given of [init, { ...init, headers }]) expect((await send("/v1/predict", given)).status).toBe(200);
});
