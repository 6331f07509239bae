import { expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

// Rows with a large common part: the terms of a score cancel, and sums in f32 are off by their size, not by that of the score.

const [COUNT, DIM, QUERIES, COMMON, TEMPERATURE] = [500, 512, 60, 100, 0.05];
const data = randomRows(COUNT * DIM, 1).map((value) => COMMON + value);
const queries = randomRows(QUERIES * DIM, 2).map((value) => value / 4);

/** log Z over the stored rows, in f64. */
function trueLogPartition(rows: Float32Array, query: Float32Array): number {
  const logits = Array.from({ length: COUNT }, (_, id) => {
    const row = rows.subarray(id * DIM, (id + 1) * DIM);
    return query.reduce((sum, value, d) => sum + value * (row[d] as number), 0) / TEMPERATURE;
  });
  const top = Math.max(...logits);
  return top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
}

test.each(["f16", "f32"] as const)("bars of exact answers contain what sums in f32 lose: %s", async (rowType) => {
  const index = await load(await buildIndex({ data, shape: [COUNT, DIM] }, { bits: 2, seed: 1, rowType }));
  const rows = index.rows(Int32Array.from({ length: COUNT }, (_, id) => id));
  let [missed, errors, bars] = [0, 0, 0];
  for (let i = 0; i < QUERIES; i++) {
    const query = queries.subarray(i * DIM, (i + 1) * DIM);
    const { logPartition, standardError } = index.predict(query, 1, { exact: true, temperature: TEMPERATURE });
    const error = Math.abs(logPartition - trueLogPartition(rows, query));
    errors += error * error;
    bars += standardError;
    if (error > 1.96 * Math.max(standardError, 0.0005)) missed++;
  }
  expect(missed / QUERIES).toBeLessThan(0.06);
  const deviation = Math.sqrt(errors / QUERIES);
  expect(deviation).toBeGreaterThan(0.0002);
  expect(bars / QUERIES / deviation).toBeGreaterThan(0.8);
  expect(bars / QUERIES / deviation).toBeLessThan(8);
});
