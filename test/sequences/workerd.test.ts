import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningWorker, startWorker } from "../../bench/service/workers.ts";
import { openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { createClient, type SequenceState } from "../../worker/client.ts";
import { sequenceIndex } from "./sequence-index.ts";

// The whole Worker of midx/sequences in workerd, with its index in a bucket, and the client.

let worker: RunningWorker;
let file: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  worker = await startWorker("worker/sequences.ts", { INDEX_SOURCE: "r2", INDEX_KEY: "items.midx" });
  file = await sequenceIndex();
  await worker.bucket.put("items.midx", file);
});
afterAll(() => worker.stop());

test("has the bits of Node, for sequences at once and item by item", async () => {
  const midx = createClient(worker.url);
  const index = await load(file);
  const encoder = await openEncoder(index);
  const sequence = ["gamma", "alpha", "delta"];
  const query = encoder.encode(sequence);
  const { probabilities } = await midx.predict({ sequence }, { k: 5, seed: 1 });
  expect(probabilities).toEqual(Array.from(index.predict(query, 5, { seed: 1 }).probabilities, (p) => Number(p)));
  const { results } = await midx.predict([{ sequence }, { sequence: [1] }], { k: 5, seed: 1 });
  expect(results[0]?.probabilities).toEqual(probabilities);
  let state: SequenceState | undefined;
  let vector: readonly number[] = [];
  for (const item of sequence) ({ state, vector } = await midx.encode([item], state && { state }));
  expect(Float32Array.from(vector)).toEqual(query);
  await expect(midx.encode(["omega"])).rejects.toThrow("omega");
  expect((await midx.encode(["omega", ...sequence], { unknownItems: "skip" })).vector).toEqual(vector);
  const mixed = [{ sequence }, { sequence, unknownItems: "skip" as const }];
  await expect(midx.predict(mixed)).rejects.toThrow('"unknownItems" expected the same');
});
