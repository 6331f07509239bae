import { expect, test } from "vitest";
import { STATISTICS_BANDS, STATISTICS_FIELDS } from "../../src/format/statistics-values.ts";
import { BandedDrift } from "../../worker/telemetry/banded-drift.ts";
import { EVERY } from "../run/size.ts";
import { normalsFrom } from "../train/calibration/synthetic.ts";

// Normal values that have moved by some deviations, compared with builds that had few queries of a band.

const [BUILDS, ANSWERS] = [1000, 500];
const TORSO = STATISTICS_BANDS.indexOf("torso");

const CASES = [
  [10, 0],
  [100, 5],
  [10, 3],
  [30, 3],
] as const;

test.each(EVERY ? CASES : CASES.slice(0, 2))(
  "of builds with %i queries of a band, 95 in 100 find what moved by %i deviations within 1.96 errors",
  (queries, moved) => {
    const normal = normalsFrom(queries + moved);
    const isWithin = Array.from({ length: BUILDS }, () => {
      const built = Array.from({ length: queries }, normal);
      const mean = built.reduce((sum, value) => sum + value, 0) / queries;
      const deviation = Math.sqrt(built.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (queries - 1));
      const values = new Float32Array(STATISTICS_BANDS.length * STATISTICS_FIELDS);
      values.set([queries, mean, deviation], TORSO * STATISTICS_FIELDS);
      const watch = new BandedDrift({ version: "", index: { statistics: { values, bandOf: () => TORSO } } });
      for (let i = 0; i < ANSWERS; i++) watch.observe({ logPartition: moved + normal(), ids: [1] }, {});
      const [torso] = watch.seen;
      return Math.abs((torso?.drift ?? Number.NaN) - moved) <= 1.96 * (torso?.error ?? 0);
    });
    const share = isWithin.filter(Boolean).length / BUILDS;
    expect(share).toBeGreaterThan(0.91);
    expect(share).toBeLessThan(0.98);
  },
);

test("a band that no query of the build was in is compared with nothing", () => {
  const values = new Float32Array(STATISTICS_BANDS.length * STATISTICS_FIELDS);
  values.set([50, 0, 1], 0);
  const watch = new BandedDrift({ version: "", index: { statistics: { values, bandOf: () => TORSO } } });
  for (let i = 0; i < 3000; i++) watch.observe({ logPartition: i / 1000, ids: [1] }, {});
  expect(watch.seen.map(({ band }) => band)).not.toContain("torso");
  expect(watch.seen.length).toBeGreaterThan(0);
});
