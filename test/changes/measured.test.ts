import { expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import { evaluate, measure } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";
import { type Base, bases, labelOf } from "./catalogue.ts";

test("measure and evaluate take the classes of an index as changes have left them", async () => {
  const base = (await bases())[0] as Base;
  const { index } = await open(base.file, { maxDelta: 5, maxK: 100 });
  const labels = ["new", labelOf(3)];
  const rows = randomRows(labels.length * base.dim, 3);
  applyChanges(index, { upserts: { labels, rows, biases: [0.25, 0.1] }, removals: [labelOf(4)] });
  const query = randomRows(base.dim, 9);
  const ids = Int32Array.from({ length: index.info.itemCount }, (_, id) => id);
  const scores = Array.from(index.score(query, ids));
  const logZ = logSumExp(scores);
  const logQ = index.logQ(query, ids, { scan: 8 });
  let [kl, variation] = [0, 0];
  for (const [id, score] of scores.entries()) {
    const p = Math.exp(score - logZ);
    variation += Math.abs(p - Math.exp(logQ[id] as number)) / 2;
    if (p > 0) kl += p * (score - logZ - (logQ[id] as number));
  }
  const measured = await measure(index, query, { scan: 8 });
  expect(measured.klDivergence).toBeCloseTo(kl, 8);
  expect(measured.totalVariation).toBeCloseTo(variation, 8);
  const [midx] = (await evaluate(index, query, { scan: 8 })).proposals;
  expect(midx?.klDivergence).toBeCloseTo(kl, 8);
  expect(midx?.totalVariation).toBeCloseTo(variation, 8);
});
