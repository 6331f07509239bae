import { expect, test } from "vitest";
import { buildMeasured, load } from "../../bench/library.ts";
import { longQueriesHead, startRandom } from "../../bench/trust/synthetic.ts";
import { UNMEASURED } from "../../src/format/calibration-values.ts";

// Queries that point near single rows, of a length at which one class is nearly all of Z at low temperatures. A head that misses
// it is off by many nats, and neither its draws nor the dispersions show it. A plain build finds this out with stand-ins.

const QUERIES = 120;
const head = longQueriesHead({ itemCount: 6000, dim: 128, queryCount: QUERIES, seed: 3 });
const { data, bias, dim, itemCount, queries } = head;
const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { ...(bias && { bias }) }));

const answersAt = (temperature: number) =>
  Array.from({ length: QUERIES }, (_, i) => {
    const query = queries.subarray(i * dim, (i + 1) * dim);
    const exact = index.logPartition(query, { temperature, exact: true }).logPartition;
    const { logPartition, lowEss, standardError, calibrated } = index.predict(query, 10, { temperature, seed: i });
    return { error: Math.abs(logPartition - exact), lowEss, standardError, calibrated };
  });

test("the calibration finds that sharp answers do not hold", () => {
  expect(index.info.calibration.spreadLimit).toBeLessThan(UNMEASURED.spreadLimit);
  expect(index.info.calibration.coverage).toBeGreaterThan(0.92);
});

test.each([0.3, 0.5])("no answer at T = %d is trusted, as many are wrong by far", (temperature) => {
  const answers = answersAt(temperature);
  expect(answers.filter(({ error }) => error > 0.26).length).toBeGreaterThan(QUERIES / 40);
  expect(
    answers.every(({ lowEss, standardError, calibrated }) => lowEss && !calibrated && standardError === Infinity),
  ).toBe(true);
});

test("answers at T = 2 keep their bars, and these hold", () => {
  const answers = answersAt(2);
  const trusted = answers.filter(({ lowEss }) => !lowEss);
  expect(trusted.length).toBeGreaterThan(0.9 * QUERIES);
  expect(trusted.filter(({ error, standardError }) => error <= 1.96 * standardError).length).toBeGreaterThan(
    0.92 * trusted.length,
  );
});

test("a target is met by reading all rows", () => {
  const query = queries.subarray(0, dim);
  const { standardError, scored } = index.predict(query, 10, {
    temperature: 0.3,
    scan: "auto",
    targetError: 0.05,
    seed: 1,
  });
  expect(standardError).toBeLessThanOrEqual(0.05);
  expect(scored).toBeGreaterThanOrEqual(itemCount);
});

test("rows of other tables have no limit", async () => {
  const { normal } = startRandom(4);
  const rows = Float32Array.from({ length: 3000 * 16 }, normal);
  const other = await load(await buildMeasured({ data: rows, shape: [3000, 16] }, {}));
  expect(other.info.calibration.spreadLimit).toBe(UNMEASURED.spreadLimit);
});
