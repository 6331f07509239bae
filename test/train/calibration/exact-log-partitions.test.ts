import { expect, it } from "vitest";
import { exactLogPartitions } from "../../../src/train/calibration/exact-log-partitions.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM] = [2500, 6];
const TEMPERATURES = [0.05, 0.5, 1, 20];

it.each([
  ["dot", true],
  ["cosine", true],
  ["cosine", false],
] as const)("is the float64 log Z of the scores, at each temperature: %s, together: %s", async (metric, hasBatch) => {
  const matrix = { data: randomRows(ITEMS * DIM, 3), shape: [ITEMS, DIM] as const };
  const { index, opened } = await open(
    await buildIndex(matrix, { metric, bias: randomRows(ITEMS, 4), seed: 1 }),
    {},
    "release",
    hasBatch,
  );
  const ids = Int32Array.from({ length: ITEMS }, (_, id) => id);
  const queries = Array.from({ length: 18 }, (_, row) => randomRows(DIM, 5 + row));
  const place = (row: number): void => void index.score(queries[row] as Float32Array, []); // leaves the query prepared
  const all = exactLogPartitions(opened, queries.length, place, TEMPERATURES);
  for (const [row, found] of all.entries()) {
    const scores = index.score(queries[row] as Float32Array, ids);
    for (const [i, temperature] of TEMPERATURES.entries()) {
      const logits = Array.from(scores, (score) => score / temperature);
      const top = Math.max(...logits);
      const expected = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
      expect(Math.abs((found[i] as number) - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
    }
  }
});
