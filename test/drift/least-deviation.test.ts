import { expect, test } from "vitest";
import { STATISTICS_BANDS, STATISTICS_FIELDS } from "../../src/format/statistics-values.ts";
import { BandedDrift } from "../../worker/telemetry/banded-drift.ts";
import { Drift } from "../../worker/telemetry/drift.ts";

// Builds whose queries nearly agree, as in a head that has all but a millionth of Z for every query.

const NOTHING = { version: "", index: { statistics: undefined } };

/** Watches an index whose 100 queries of the build had log Z of 20 ± 3, draws of full worth and these shares of the head. */
function watchFrom(headShare: number, deviation: number): BandedDrift {
  const values = new Float32Array(STATISTICS_BANDS.length * STATISTICS_FIELDS);
  values.set([100, 20, 3, 1, 0, headShare, deviation], 0);
  return new BandedDrift({ ...NOTHING, index: { statistics: { values, bandOf: () => 0 } } });
}

/** Answers 500 queries like those of the build but for the share of the head. */
function answered(watch: BandedDrift, headShare: (i: number) => number): BandedDrift {
  for (let i = 0; i < 500; i++) {
    watch.observe({ logPartition: 20 + 3 * (-1) ** i, effectiveSampleSize: 100, headShare: headShare(i) }, {});
  }
  return watch;
}

test("a share of the head that moves by a hundred-thousandth needs no rebuild, however little it varied", () => {
  const watch = answered(watchFrom(0.999999, 1e-6), (i) => (i % 50 === 0 ? 0.9995 : 1));
  expect(watch.due).toBe("nothing");
  for (const { drift } of watch.seen) expect(Math.abs(drift)).toBeLessThan(0.1);
});

test("a share of the head that did not vary at all, and has halved, needs a rebuild", () => {
  expect(answered(watchFrom(1, 0), () => 0.5).due).toBe("rebuild");
});

test("queries of a build that were all the same show that those of today are others", () => {
  const drift = new Drift(400, 10, 2 ** -43);
  for (let i = 0; i < 500; i++) drift.observe(10);
  expect(drift.value).toBe(0);
  for (let i = 0; i < 500; i++) drift.observe(10.5);
  expect(drift.value).toBeCloseTo(500, 3);
});

test("a first thousand answers to one query are a baseline for other queries", () => {
  const drift = new Drift();
  for (let i = 0; i < 1000; i++) drift.observe(7.1);
  expect(drift.value).toBeCloseTo(0, 6);
  for (let i = 0; i < 5000; i++) drift.observe(9.1);
  expect(drift.value).toBeGreaterThan(1);
});
