import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { createClient } from "../../worker/client.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "../fixtures/served-index.ts";
import { randomRows } from "../train/rows.ts";

const [FEATURES, POSITIONS] = [12, 5];
const NAMES = Array.from({ length: FEATURES }, (_, id) => `f${id}`);
const TABLE = {
  ...{ data: randomRows(FEATURES * SERVED_DIM, 5), shape: [FEATURES, SERVED_DIM] as const, labels: NAMES },
  positions: randomRows(POSITIONS * SERVED_DIM, 6),
};

let index: MultiIndex;
let without: MultiIndex;
let app: Hono;
beforeAll(async () => {
  index = await servedIndex({ itemCount: 60, features: TABLE });
  without = await servedIndex({ itemCount: 60 });
  app = createApp(fixedHost(index));
});

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, body: object, asked: Hono = app): Promise<Answered> {
  const headers = { "content-type": "application/json" };
  const response = await asked.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** An answer without the fields that differ between requests. */
const answerOf = ({ body: { requestId: _, ...answer } }: Answered): object => answer;
const vectorOf = (...bag: Parameters<MultiIndex["encode"]>): number[] => Array.from(index.encode(...bag));

describe("a question asked with features", () => {
  test.each<[string, object]>([
    ["/v1/predict", { k: 3, seed: 1 }],
    ["/v1/sample", { draws: 5, seed: 1 }],
    ["/v1/sample-top-k", { k: 4, seed: 1 }],
    ["/v1/log-partition", { seed: 1 }],
    ["/v1/log-probability", { ids: [1, 2], seed: 1 }],
  ])("is answered as one with the vector that the library makes of them: %s", async (path, fields) => {
    const weights = [0.5, -1, 2];
    for (const [bag, vector] of [
      [{ features: [3, "f7"] }, vectorOf([3, 7])],
      [{ features: ["f1", 1, 11], weights }, vectorOf([1, 1, 11], { weights })],
      [{ features: [] }, [0, 0, 0, 0]],
    ] as const) {
      const byFeatures = await ask(path, { ...bag, ...fields });
      expect(byFeatures.status).toBe(200);
      expect(answerOf(byFeatures)).toEqual(answerOf(await ask(path, { vector, ...fields })));
    }
  });

  test("is answered in a batch as several vectors are", async () => {
    const bags = [{ features: [3, 7] }, { features: ["f1"], weights: [2] }, { features: [0, 1, 2, 3, 4] }];
    const vectors = [vectorOf([3, 7]), vectorOf([1], { weights: [2] }), vectorOf([0, 1, 2, 3, 4])];
    const options = { k: 3, seed: 1 };
    const byBags = await ask("/v1/predict", { bags, ...options });
    expect(answerOf(byBags)).toEqual(answerOf(await ask("/v1/predict", { vectors, ...options })));
    const one = await ask("/v1/predict", { bags: bags.slice(0, 1), ...options });
    expect(one.body.results).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ features: [1, 12] }, '"features[1]" expected an integer in 0..11 or the name of a feature, got 12'],
    [{ features: ["f12"] }, '"features[0]" expected an integer in 0..11 or the name of a feature, got "f12"'],
    [{ features: [null] }, '"features[0]" expected an integer in 0..11 or the name of a feature, got null'],
    [{ features: "f1" }, '"features" expected an array, got "f1"'],
    [{ features: [1, 2, 3, 4, 5, 6] }, '"features" expected at most 5, one per position, got 6'],
    [{ features: [1, 2], weights: [1] }, '"weights" expected 2 values, one per feature, got 1'],
    [{ features: [1], weights: ["1"] }, '"weights[0]" expected a finite number of magnitude at most 2^40, got "1"'],
    [{ features: [1], weights: null }, '"weights" expected an array, got null'],
    [{ vector: [1, 2, 3, 4], weights: [1] }, '"weights" expected "features" beside it, got none'],
    [{ vector: [1, 2, 3, 4], features: [1] }, 'body expected one of "vector", "vectors", "features", "bags", got 2'],
    [{ features: [1], bags: [] }, 'body expected one of "vector", "vectors", "features", "bags", got 2'],
    [{ bags: [] }, '"bags" expected 1 to 100 queries, got 0'],
    [{ bags: Array(101).fill({ features: [] }) }, '"bags" expected 1 to 100 queries, got 101'],
    [{ bags: [{ features: [1] }, [1]] }, '"bags[1]" expected an object of "features" and, optionally, "weights"'],
    [{ bags: [{ features: [1], wieghts: [1] }] }, '"bags[0]" expected an object of "features"'],
    [{ bags: [null] }, '"bags[0]" expected an object of "features"'],
    [{ bags: [{ features: [1] }, { features: [-1] }] }, '"bags[1].features[0]" expected an integer in 0..11'],
    [{ bags: [{ features: [1], weights: [2 ** 41] }] }, '"bags[0].weights[0]" expected a finite number'],
    [{ bags: [{ features: [1], weights: {} }] }, '"bags[0].weights" expected an array of numbers, got an object'],
  ])("that is wrong is a 400 that names the field: %j", async (body, detail) => {
    const { status, body: problem } = await ask("/v1/predict", body);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: "invalid_field", detail: expect.stringContaining(detail) });
  });

  test("is a 400 where the index has no table of them", async () => {
    const { status, body } = await ask("/v1/predict", { features: [1] }, createApp(fixedHost(without)));
    expect(status).toBe(400);
    expect(body.detail).toBe('"features" expected an index built with "features", got one without');
  });

  test("is refused before its query is made where that takes too much work", async () => {
    const limited = createApp(fixedHost(index, { maxWork: 100_000 }));
    const scan = { scan: 1, draws: 1, k: 1 };
    expect((await ask("/v1/predict", { features: [1, 2], ...scan }, limited)).status).toBe(200);
    const many = await ask("/v1/predict", { features: Array(60).fill("none of them"), ...scan }, limited);
    expect(many.body.code).toBe("too_much_work");
  });

  test("is none beside raw vectors", async () => {
    const headers = { "content-type": "application/x-midx-f32" };
    const send = async (query: string): Promise<string> => {
      const body = servedQuery(1) as Float32Array<ArrayBuffer>;
      return (await app.request(`/v1/log-partition?${query}`, { method: "POST", headers, body })).text();
    };
    expect(await send("features=[1]")).toContain("the query string expected no queries beside raw vectors");
    expect(await send("weights=[1]")).toContain("features");
  });
});

describe("midx/client", () => {
  const client = createClient("https://midx.test", { fetch: async (request) => app.request(request) });
  const options = { k: 3, seed: 1 };

  test("asks with a bag of features, or with several", async () => {
    const vectors = [vectorOf([2, 5]), vectorOf([4], { weights: [3] })];
    const { requestId: _, ...one } = await client.predict({ features: ["f2", 5] }, options);
    const { requestId: __, ...expected } = await client.predict(vectors[0] as number[], options);
    expect(one).toEqual(expected);
    const several = await client.predict([{ features: [2, 5] }, { features: [4], weights: [3] }], options);
    expect(several.results).toEqual((await client.predict(vectors, options)).results);
    expect((await client.logPartition([{ features: [2] }])).results).toHaveLength(1);
  });

  test("rejects with what the service says of the bag", async () => {
    await expect(client.predict([{ features: [2] }, { features: ["none"] }])).rejects.toMatchObject({
      ...{ status: 400, code: "invalid_field" },
      detail: '"bags[1].features[0]" expected an integer in 0..11 or the name of a feature, got "none"',
    });
  });

  test("is told by info what features there are", async () => {
    expect((await client.info()).features).toEqual(index.info.features);
  });
});
