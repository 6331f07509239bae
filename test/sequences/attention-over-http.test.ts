import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { openEncoder, type SequenceEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { build, trainSequences } from "../../src/train/index.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { createSequenceApp } from "../../worker/sequence-service.ts";
import { encoderOf, openFor } from "../../worker/sequences/encoders.ts";
import { randomCodes } from "../train/rows.ts";

// Attention of the size of the preset clicks-attention, which learns nothing here.
const [ITEMS, DIM, LENGTH] = [20, 64, 200];

let encoder: SequenceEncoder;
let app: Hono;
beforeAll(async () => {
  const sequences = { ...raggedOf([randomCodes(30, ITEMS, 1)]), itemCount: ITEMS };
  const { model } = await trainSequences(sequences, {
    preset: "clicks-attention",
    dim: DIM,
    length: LENGTH,
    epochs: 1,
  });
  const data = model.tables.classes as Float32Array;
  const file = await build({ data, shape: [ITEMS, DIM] }, { encoder: model, rowType: "f32", calibrate: "off" });
  const index = await load(file, INDEX_LIMITS);
  await openFor(index, openEncoder);
  encoder = encoderOf(index) as SequenceEncoder;
  app = createSequenceApp(fixedHost(index, {}));
});

async function post(path: string, body: object) {
  const headers = { "content-type": "application/json" };
  const response = await app.request(path, { method: "POST", body: JSON.stringify(body), headers });
  const json = (await response.json()) as { vector: number[]; state: { values: string }; detail?: string };
  return { status: response.status, json };
}
const items = (count: number): number[] => [...randomCodes(count, ITEMS, 2)];

describe("/v1/encode with attention over 200 items", () => {
  test.each([77, LENGTH - 1, LENGTH + 9])("takes back the state after %i items", async (count) => {
    const all = items(count + 1);
    const { json: before } = await post("/v1/encode", { sequence: all.slice(0, count) });
    const { status, json } = await post("/v1/encode", { sequence: all.slice(count), state: before.state });
    expect(status, json.detail).toBe(200);
    expect(Float32Array.from(json.vector)).toEqual(encoder.encode(all));
  });

  test("needs no more for a long sequence than for its last items", async () => {
    const all = items(10_000);
    const { status, json } = await post("/v1/encode", { sequence: all });
    expect(status, json.detail).toBe(200);
    expect(Float32Array.from(json.vector)).toEqual(encoder.encode(all));
    const { json: last } = await post("/v1/encode", { sequence: all.slice(-LENGTH) });
    expect(json.state).toEqual(last.state);
  });
});

test("the sequences of a batch may have all the items that attention reads", async () => {
  const sequences = Array.from({ length: 20 }, () => items(LENGTH));
  const { status, json } = await post("/v1/predict", { sequences, k: 1, scan: 16, draws: 0 });
  expect(status, json.detail).toBe(200);
});
