import { beforeAll, describe, expect, it } from "vitest";
import { libraryIndex, post, queryOf, send } from "./client.ts";

const TYPE = "application/x-midx-f32";
let vectors: number[][];
let dim: number;

beforeAll(async () => {
  dim = (await libraryIndex()).info.dim;
  vectors = [1, 2, 3].map((seed) => queryOf(dim, seed));
});

const raw = (path: string, values: readonly number[], type = TYPE): Promise<Response> =>
  send(path, { method: "POST", headers: { "content-type": type }, body: littleEndian(values) });

function littleEndian(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}

const answerOf = async (response: Promise<Response>): Promise<object> => {
  const { requestId: _, ...answer } = await (await response).json<Record<string, unknown>>();
  return answer;
};

describe("a body of raw vectors", () => {
  it.each([
    ["/v1/predict", "k=4&scan=32&draws=20&seed=3&exact=false", { k: 4, scan: 32, draws: 20, seed: 3, exact: false }],
    ["/v1/predict", "scan=auto&targetError=0.2&seed=3", { scan: "auto", targetError: 0.2, seed: 3 }],
    ["/v1/sample", "draws=5&seed=18446744073709551615", { draws: 5, seed: "18446744073709551615" }],
    ["/v1/sample-top-k", "k=3&seed=1&allow=[1,2,3,4,5]", { k: 3, seed: 1, allow: [1, 2, 3, 4, 5] }],
    ["/v1/log-partition", "seed=1&temperature=0.5&exclude=[7]", { seed: 1, temperature: 0.5, exclude: [7] }],
    ["/v1/log-probability", "ids=[3,1]&seed=1", { ids: [3, 1], seed: 1 }],
    ["/v1/sample", "draws=5&seed=1&proposal=buckets", { draws: 5, seed: 1, proposal: "buckets" }],
    ["/v1/sample", 'draws=5&seed=1&proposal="buckets"', { draws: 5, seed: 1, proposal: "buckets" }],
    // The service has no namespaces, and says so of any name, which is a string.
    ["/v1/sample", "draws=5&seed=1&namespace=12", { draws: 5, seed: 1, namespace: "12" }],
    ["/v1/sample", "draws=5&seed=1&namespace=null", { draws: 5, seed: 1, namespace: "null" }],
    ["/v1/sample", 'draws=5&seed=1&namespace="12"', { draws: 5, seed: 1, namespace: "12" }],
    ["/v1/sample", "draws=5&seed=1&space=2026", { draws: 5, seed: 1, space: "2026" }],
    ["/v1/sample", 'draws=5&seed=1&space="2026"', { draws: 5, seed: 1, space: "2026" }],
  ])("at %s?%s is answered as JSON is", async (path, query, fields) => {
    const [vector] = vectors as [number[]];
    expect(await answerOf(raw(`${path}?${query}`, vector))).toEqual(await answerOf(post(path, { vector, ...fields })));
    expect(await answerOf(raw(`${path}?${query}&batch=3`, vectors.flat()))).toEqual(
      await answerOf(post(path, { vectors, ...fields })),
    );
  });

  it("of one vector is a list of one where the query string says so", async () => {
    const [vector] = vectors as [number[]];
    const answer = await answerOf(raw("/v1/log-partition?seed=1&batch=1", vector));
    expect(answer).toEqual(await answerOf(post("/v1/log-partition", { vectors: [vector], seed: 1 })));
  });

  it("may have its content type with parameters and in capitals", async () => {
    expect((await raw("/v1/log-partition?batch=3", vectors.flat(), "Application/X-MIDX-F32; v=1")).status).toBe(200);
  });

  it.each<[string, string, () => number[], string]>([
    [
      "/v1/predict",
      "",
      () => [],
      "body expected B bytes, D f32 values a vector, got 0 (0 values): vectors have to come",
    ],
    [
      "/v1/predict",
      "",
      () => [1, 2, 3],
      "body expected B bytes, D f32 values a vector, got 12 (3 values): vectors have",
    ],
    [
      "/v1/predict",
      "",
      () => [...queryOf(dim, 1), ...queryOf(dim, 2)],
      'body expected B bytes, D f32 values a vector, got 2B (2D values): vectors have to come from the model that the index was built for, and a batch of 2 needs "batch=2" in the query string',
    ],
    [
      "/v1/predict",
      "?batch=3",
      () => [...queryOf(dim, 1), ...queryOf(dim, 2)],
      'body expected 3 × B bytes ("batch" vectors), D f32 values a vector, got 2B (2D values): vectors have to come from the model that the index was built for, and a batch of 2 needs "batch=2"',
    ],
    ["/v1/predict", "", () => new Array(101 * dim).fill(0), "(101D values): vectors have to come from the model"],
    ["/v1/predict", "?batch=101", () => queryOf(dim, 1), '"batch" expected an integer from 1 to 100, got 101'],
    ["/v1/predict", "?batch=0", () => [], '"batch" expected an integer from 1 to 100, got 0'],
    ["/v1/predict", "?batch=two", () => queryOf(dim, 1), '"batch" expected an integer from 1 to 100, got string'],
    ["/v1/predict", "?vector=[1]", () => queryOf(dim, 1), "the query string expected no queries beside raw vectors"],
    ["/v1/predict", "?top_k=1", () => queryOf(dim, 1), '"top_k" is not a field of this request'],
    ["/v1/predict", "?k=1&k=2", () => queryOf(dim, 1), '"k" expected one value, got several in the query string'],
    ["/v1/predict", "?k=two", () => queryOf(dim, 1), '"k" expected an integer from 0 to 1000, got "two"'],
    ["/v1/predict", "?seed=1.5", () => queryOf(dim, 1), '"seed" expected an integer below 2^53 or a string of'],
    [
      "/v1/predict",
      "?batch=2",
      () => [...queryOf(dim, 1), ...queryOf(dim, 2).with(5, Number.NaN)],
      '"body[1][5]" expected a finite number, got NaN',
    ],
    [
      "/v1/predict",
      "",
      () => queryOf(dim, 1).with(2, Number.POSITIVE_INFINITY),
      '"body[0][2]" expected a finite number, got Infinity',
    ],
    [
      "/v1/predict",
      "",
      () => queryOf(dim, 1).with(0, 2e12),
      '"body[0][0]" expected a magnitude of at most 2^40, got 1999999991808',
    ],
    ["/v1/query", "", () => queryOf(dim, 1), "body expected a JSON object, got raw vectors"],
    ["/v1/query", "?vectorId=word", () => queryOf(dim, 1), "body expected a JSON object, got raw vectors"],
  ])("at %s%s is refused by name", async (path, query, values, detail) => {
    const response = await raw(path + query, values());
    expect(response.status).toBe(400);
    const sized = detail.replace(/(\d*)([BD])\b/g, (_, times, unit) =>
      String((times || 1) * dim * (unit === "B" ? 4 : 1)),
    );
    expect(await response.text()).toContain(JSON.stringify(sized).slice(1, -1));
  });

  it("is the only one that takes a batch", async () => {
    const response = await post("/v1/predict", { vectors, batch: 3 });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('\\"batch\\" is not a field of this request');
  });

  it("is counted as it is read", async () => {
    const response = await raw("/v1/predict", new Array(2 ** 20 + 1).fill(0));
    expect(response.status).toBe(413);
  });
});
