import { expect, it } from "vitest";
import { exactLogPartitions } from "../../../src/train/calibration/exact-log-partitions.ts";
import { buildIndex } from "../../build-index.ts";
import { open } from "../../open.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM] = [2500, 6];
const TEMPERATURES = [0.05, 0.5, 1, 20];

it.each(["dot", "cosine"] as const)("is the float64 log Z of the scores, at each temperature: %s", async (metric) => {
  const matrix = { data: randomRows(ITEMS * DIM, 3), shape: [ITEMS, DIM] as const };
  const { index, opened } = await open(await buildIndex(matrix, { metric, bias: randomRows(ITEMS, 4), seed: 1 }));
  const ids = Int32Array.from({ length: ITEMS }, (_, id) => id);
  for (const seed of [5, 6]) {
    const query = randomRows(DIM, seed);
    const scores = index.score(query, ids); // leaves the query prepared
    const found = exactLogPartitions(opened, TEMPERATURES).finish(opened);
    for (const [i, temperature] of TEMPERATURES.entries()) {
      const logits = Array.from(scores, (score) => score / temperature);
      const top = Math.max(...logits);
      const expected = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
      expect(Math.abs((found[i] as number) - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
    }
  }
});
