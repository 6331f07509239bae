import { expect, test } from "vitest";
import { gaussianHead } from "../../bench/trust/synthetic.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../../src/answers/options.ts";
import type { IndexFacts } from "../../src/format/facts.ts";
import { thinsFor } from "../../src/index/thins-for.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { isThin } from "../fixtures/thinning-heads.ts";

// Bitmaps that leave less than an eighth of the classes, but so many that scoring them all takes a while.

test.each([
  // left, of how many classes, by an estimate, by topK
  [8192, 20_000, false, false],
  [8193, 20_000, true, true],
  [8193, 131_089, false, false],
  [8193, 131_088, true, false],
  [12_499, 100_000, true, false],
  [12_500, 100_000, true, true],
  [62_499, 1_000_000, false, false],
  [62_500, 1_000_000, true, false],
  [125_000, 1_000_000, true, true],
])("%i classes of %i thin out: an estimate %s, topK %s", (left, itemCount, byEstimate, byTop) => {
  const facts = { dispersion: {} } as IndexFacts;
  const estimate = { exact: false, proposal: "buckets", scan: DEFAULT_SCAN, draws: DEFAULT_DRAWS } as const;
  expect(thinsFor(estimate)?.at(left, itemCount, facts)).toBe(byEstimate);
  expect(thinsFor({ exact: false, scan: DEFAULT_SCAN })?.at(left, itemCount, facts)).toBe(byTop);
});

test("where an estimate would be poor, all classes that are left are scored", async () => {
  const [itemCount, dim, left] = [100_000, 4, 12_400];
  const { data, queries } = gaussianHead({ itemCount, dim, queryCount: 12, seed: 3 });
  const rows = { data, shape: [itemCount, dim] } as const;
  const file = await buildIndex(rows, { bits: 7, seed: 1 });
  const bitmap = new Uint8Array(itemCount / 8);
  // The classes are in no order, so the first ones are spread by chance.
  for (let id = 0; id < left; id++) (bitmap[id >> 3] as number) |= 1 << (id & 7);
  const ids = Int32Array.from({ length: left }, (_, id) => id);
  for (const factor of [1, 1000]) {
    const one = await open(file, { maxScan: 1024 });
    // Bars that are calibrated to be wide flag what the draws foresee as good.
    Object.assign(one.opened, { errorBars: { ...one.opened.errorBars, factor } });
    let [estimated, summed] = [0, 0];
    for (const temperature of [0.03, 0.05, 0.1, 0.5]) {
      for (let row = 0; row < 12; row++) {
        const query = queries.subarray(row * dim, (row + 1) * dim);
        const answer = one.index.predict(query, 3, { allow: { bitmap }, temperature, seed: row });
        expect(answer.lowEss).toBe(false);
        const isEstimated = isThin(one);
        const exact = one.index.predict(query, 3, { allow: ids, temperature, exact: true });
        const error = Math.abs(answer.logPartition - exact.logPartition);
        expect(error).toBeLessThan(isEstimated ? 6 * answer.standardError : 1e-5);
        if (isEstimated) estimated++;
        else {
          summed++;
          expect(answer.scored).toBeGreaterThanOrEqual(left);
          expect(answer.ids).toEqual(exact.ids);
        }
      }
    }
    if (factor === 1) expect(estimated).toBeGreaterThan(4);
    expect(summed).toBeGreaterThan(4);
  }
});
