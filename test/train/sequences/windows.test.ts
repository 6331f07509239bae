import { expect, test } from "vitest";
import { limitsOf, streamBatches } from "../../../src/train/sequences/windows.ts";

test("the largest of more batches than a call takes as arguments", () => {
  const ids = new Int32Array(900_000);
  const text = { offsets: Uint32Array.of(0, ids.length), ids, itemCount: 1 };
  const batches = streamBatches(text, { batchSize: 2, length: 2, carry: true });
  expect(batches.length).toBeGreaterThan(200_000);
  expect(limitsOf(batches)).toEqual({ windows: 2, positions: 4 });
});
