import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { hasEncoder, openEncoder, type SequenceEncoder } from "../../src/encoder/index.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { ServiceOptions } from "../../worker/host/settings.ts";
import { createSequenceApp } from "../../worker/sequence-service.ts";
import { encoderOf, openFor, withEncoders } from "../../worker/sequences/encoders.ts";
import { itemsWork } from "../../worker/sequences/sequence-queries.ts";
import { stateWork } from "../../worker/sequences/state.ts";
import { DIM, sequenceIndex } from "./sequence-index.ts";

const SEQUENCE = ["gamma", "alpha", "alpha", "delta"];

let file: Uint8Array<ArrayBuffer>;
let index: MultiIndex;
let encoder: SequenceEncoder;
let app: Hono;
const appOf = (options: ServiceOptions = {}) => createSequenceApp(fixedHost(index, options));
beforeAll(async () => {
  file = await sequenceIndex();
  index = await load(file, INDEX_LIMITS);
  await openFor(index, openEncoder);
  encoder = encoderOf(index) as SequenceEncoder;
  app = appOf();
});

async function post(path: string, body: object, to = app): Promise<{ status: number; json: Record<string, unknown> }> {
  const headers = { "content-type": "application/json" };
  const response = await to.request(path, { method: "POST", body: JSON.stringify(body), headers });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const same = async (path: string, body: object, vector: Float32Array) => {
  const [a, b] = [
    await post(path, { ...body, sequence: SEQUENCE }),
    await post(path, { ...body, vector: [...vector] }),
  ];
  expect(a.status, JSON.stringify(a.json)).toBe(200);
  expect({ ...a.json, requestId: "" }).toEqual({ ...b.json, requestId: "" });
};

describe("a service whose index has an encoder", () => {
  test.each([
    ["/v1/predict", { k: 3, seed: 1, temperature: 0.5, exclude: ["beta"] }],
    ["/v1/predict", { k: 3, seed: 1, diversity: { lambda: 0.5 } }],
    ["/v1/sample", { draws: 5, seed: 2 }],
    ["/v1/sample-top-k", { k: 2, seed: 3 }],
    ["/v1/log-probability", { ids: ["alpha", 1], seed: 4 }],
    ["/v1/log-partition", { seed: 5 }],
    ["/v1/decode", { top_p: 0.9, repetition_penalty: 1.2, history: ["alpha"], seed: 6 }],
    ["/v1/slate-log-probability", { ids: ["alpha", "beta"] }],
  ])("answers a sequence as its query: %s %j", async (path, body) => {
    await same(path, body, encoder.encode(SEQUENCE));
  });

  test("answers several sequences, each as alone", async () => {
    const sequences = [SEQUENCE, ["beta"], [4, 0]];
    const { json } = await post("/v1/predict", { sequences, k: 2, seed: 1 });
    for (const [i, sequence] of sequences.entries()) {
      const { json: alone } = await post("/v1/predict", { sequence, k: 2, seed: 1 });
      expect((json.results as object[])[i]).toEqual(
        Object.fromEntries(Object.entries(alone).filter(([name]) => name !== "version" && name !== "requestId")),
      );
    }
  });

  test("leaves unknown items out where it is told to", async () => {
    const known = await post("/v1/predict", { sequence: SEQUENCE, seed: 1 });
    const skipped = await post("/v1/predict", { sequence: ["omega", ...SEQUENCE, 99], unknownItems: "skip", seed: 1 });
    expect(skipped.json.probabilities).toEqual(known.json.probabilities);
  });

  test("still takes vectors and raw vectors", async () => {
    const query = encoder.encode(SEQUENCE);
    const response = await app.request("/v1/predict?seed=1", {
      ...{ method: "POST", body: query, headers: { "content-type": "application/x-midx-f32" } },
    });
    const { json } = await post("/v1/predict", { sequence: SEQUENCE, seed: 1 });
    expect(((await response.json()) as { ids: number[] }).ids).toEqual(json.ids);
  });
});

describe("/v1/encode", () => {
  test("makes the query, and goes on from the state that it gave", async () => {
    const whole = await post("/v1/encode", { sequence: SEQUENCE });
    expect(Float32Array.from(whole.json.vector as number[])).toEqual(encoder.encode(SEQUENCE));
    const begun = await post("/v1/encode", { sequence: SEQUENCE.slice(0, 2) });
    const ended = await post("/v1/encode", { sequence: SEQUENCE.slice(2), state: begun.json.state });
    expect({ ...ended.json, requestId: "" }).toEqual({ ...whole.json, requestId: "" });
  });

  test("leaves unknown items out where it is told to", async () => {
    const whole = await post("/v1/encode", { sequence: SEQUENCE });
    const skipped = await post("/v1/encode", { sequence: ["omega", ...SEQUENCE, 99], unknownItems: "skip" });
    expect(skipped.json.vector).toEqual(whole.json.vector);
  });
});

describe("what is wrong is named", () => {
  const state = async () => (await post("/v1/encode", { sequence: ["alpha"] })).json.state as { contentId: string };
  test.each<[string, object, string]>([
    ["/v1/predict", { sequence: [] }, '"sequence" expected at least one item, got none'],
    [
      "/v1/predict",
      { sequence: ["alpha", "omega"] },
      '"sequence[1]" expected an item with a vector, an integer in 0..4 or a label of the index, got "omega"; "unknownItems": "skip" leaves such items out',
    ],
    [
      "/v1/encode",
      { sequence: ["omega"] },
      '"sequence[0]" expected an item with a vector, an integer in 0..4 or a label of the index, got "omega"; "unknownItems": "skip" leaves such items out',
    ],
    [
      "/v1/predict",
      { sequences: [["alpha"], [7]] },
      '"sequences[1][0]" expected an item with a vector, an integer in 0..4',
    ],
    ["/v1/predict", { sequences: [["alpha"], 7] }, '"sequences[1]" expected an array of ids or labels'],
    ["/v1/predict", { sequences: [] }, '"sequences" expected 1 to 100 queries, got 0'],
    ["/v1/predict", { sequence: ["alpha"], vector: [1] }, "got 2"],
    ["/v1/predict", { sequence: "alpha" }, '"sequence" expected an array, got "alpha"'],
    [
      "/v1/predict",
      { vector: Array(DIM).fill(0), unknownItems: "skip" },
      '"unknownItems" expected "sequence" beside it',
    ],
    ["/v1/predict", { sequence: ["alpha"], unknownItems: "none" }, '"unknownItems" expected "refuse" or "skip"'],
    [
      "/v1/predict",
      {},
      'body expected one of "sequence", "sequences", "vector", "vectors", "features", "bags", got none',
    ],
    ["/v1/encode", {}, '"sequence" is required'],
    [
      "/v1/encode",
      { sequences: [["alpha"]] },
      '"sequence" is required: send each of "sequences" in a request of its own',
    ],
    [
      "/v1/encode",
      { sequence: ["alpha"], sequences: [] },
      '"sequences" is not a field of this request: send each of "sequences" in a request of its own',
    ],
    [
      "/v1/encode",
      { sequence: ["alpha", { id: 1 }], unknownItems: "skip" },
      '"sequence[1]" expected an item with a vector, an integer',
    ],
    ["/v1/encode", { sequence: ["omega"], unknownItems: "skip" }, '"sequence" expected at least one known item'],
    ["/v1/encode", { sequence: [1], state: 7 }, '"state" expected the state of an answer, got 7'],
    [
      "/v1/encode",
      { sequence: [1], state: { contentId: "x", values: "" } },
      '"state.contentId" expected that of the index',
    ],
  ])("%s %j", async (path, body, message) => {
    const { status, json } = await post(path, body);
    expect(status).toBe(400);
    expect(json.detail).toContain(message);
  });

  test.each([
    ["!", "base64 of f32 values"],
    ["AAA=", "whole f32 values, got 2 bytes"],
    ["AAAAAA==", '"state" expected 12 values, got 1'],
    [
      btoa(String.fromCharCode(...new Uint8Array(Float32Array.from({ length: 12 }, () => Number.NaN).buffer))),
      "finite",
    ],
  ])("the values %s of a state", async (values, message) => {
    const { status, json } = await post("/v1/encode", { sequence: [1], state: { ...(await state()), values } });
    expect(status).toBe(400);
    expect(json.detail).toContain(message);
  });

  test("an index without an encoder takes all but sequences", async () => {
    const plain = await load(
      await build({ data: new Float32Array(5 * DIM).fill(0.1), shape: [5, DIM] }, { calibrate: "off" }),
    );
    expect(hasEncoder(plain)).toBe(false);
    const other = createSequenceApp(fixedHost(plain));
    const refused = await post("/v1/predict", { sequence: ["alpha"] }, other);
    expect(refused.status).toBe(400);
    expect(refused.json.detail).toContain('"midx build --encoder" makes one with it');
    expect((await post("/v1/predict", { vector: Array(DIM).fill(0), seed: 1 }, other)).status).toBe(200);
  });
});

test("the items of a request count as work", async () => {
  expect(itemsWork(encoder, DIM, 40)).toBeGreaterThan(40 * DIM * encoder.units);
  const needed = itemsWork(encoder, DIM, 40) + stateWork(2 * encoder.units) + DIM * 1400;
  const sequence = Array(40).fill("alpha");
  expect((await post("/v1/encode", { sequence }, appOf({ maxWork: needed }))).status).toBe(200);
  const { json } = await post("/v1/encode", { sequence }, appOf({ maxWork: needed - 1 }));
  expect(json.detail).toContain(`needs ${needed} multiply-adds, the limit is ${needed - 1}`);
  const { json: predicted } = await post(
    "/v1/predict",
    { sequences: [sequence, sequence] },
    appOf({ maxWork: needed }),
  );
  expect(predicted.code).toBe("too_much_work");
});

test("an encoder that cannot be opened fails the load, and the index is freed", async () => {
  let disposed = 0;
  const failing = withEncoders(
    async () => Object.assign(await load(file), { dispose: () => disposed++ }),
    async () => {
      throw new RangeError("weights");
    },
  );
  await expect(failing(file, {})).rejects.toThrow("weights");
  expect(disposed).toBe(1);
});

test("a label of an index without labels is refused, also where unknown items are left out", async () => {
  const unlabelled = await load(await sequenceIndex({ hasLabels: false }), INDEX_LIMITS);
  await openFor(unlabelled, openEncoder);
  const to = createSequenceApp(fixedHost(unlabelled));
  for (const path of ["/v1/encode", "/v1/predict"]) {
    const { status, json } = await post(path, { sequence: [1, "alpha"], unknownItems: "skip" }, to);
    expect(status).toBe(400);
    expect(json.detail).toContain('"sequence[1]" expected an item with a vector, an integer in 0..4, got "alpha"');
  }
});
