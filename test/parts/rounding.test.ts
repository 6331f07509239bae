import { expect, test } from "vitest";
import { randomRows } from "../train/rows.ts";
import { consecutive, idsTo, indexOf, inParts, type Table } from "./split.ts";

// Rows that are nearly the same: rounding the query to 16 bits moves all scores together, in all parts.

const [COUNT, DIM, QUERIES] = [1024, 32, 60];
const centre = randomRows(DIM, 1).map((value) => 4 * value);
const data = randomRows(COUNT * DIM, 2).map((value, i) => (centre[i % DIM] as number) + 0.1 * value);
const table: Table = { data, dim: DIM, options: { bits: 2, seed: 1, rowType: "i8" } };
const queries = randomRows(QUERIES * DIM, 3).map((value, i) => (centre[i % DIM] as number) + 20 * value);

/** log Z over the stored rows, in f64. */
function trueLogPartition(rows: Float32Array, query: Float32Array): number {
  const scores = idsTo(COUNT).map((id) =>
    query.reduce((sum, value, d) => sum + value * (rows[id * DIM + d] as number), 0),
  );
  const top = Math.max(...scores);
  return top + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0));
}

test.each([2, 8, 32])("bars of exact answers of %i parts are those of one index", async (count) => {
  const index = await indexOf(table, idsTo(COUNT));
  const { parted } = await inParts(table, consecutive(Array.from({ length: count }, () => COUNT / count)));
  const rows = index.rows(Int32Array.from(idsTo(COUNT)));
  let [alone, together, covered] = [0, 0, 0];
  for (let i = 0; i < QUERIES; i++) {
    const query = queries.subarray(i * DIM, (i + 1) * DIM);
    const merged = await parted.predict(query, 1, { exact: true });
    alone += index.predict(query, 1, { exact: true }).standardError;
    together += merged.standardError;
    const error = merged.logPartition - trueLogPartition(rows, query);
    if (Math.abs(error) <= 1.96 * Math.max(merged.standardError, 0.0005)) covered++;
  }
  expect(alone / QUERIES).toBeGreaterThan(0.0005);
  expect(together / alone).toBeGreaterThan(0.9);
  expect(together / alone).toBeLessThan(1.1);
  expect(covered / QUERIES).toBeGreaterThan(0.9);
});
