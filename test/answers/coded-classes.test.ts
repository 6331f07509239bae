import { expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";

// The best classes by fine codes enter the head of an estimate, while their buckets stay in the tail, without their masses.

const DIM = 8;
const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

async function estimates(rows: Float32Array, query: Float32Array, draws: number) {
  const itemCount = rows.length / DIM;
  const options = { fineCodes: true, calibrate: "quick", rowType: "f32" } as const;
  const { index } = await open(await buildIndex({ data: rows, shape: [itemCount, DIM] }, options));
  const truth = logSumExp(
    index.score(
      query,
      Int32Array.from({ length: itemCount }, (_, id) => id),
    ),
  );
  return SEEDS.map((seed) => {
    const { logPartition, standardError, lowEss } = index.logPartition(query, { scan: 0, draws, seed });
    return { error: logPartition - truth, standardError, lowEss };
  });
}

test("rows that are nearly the same, a part of them in the head: ten draws give their number", async () => {
  const one = randomRows(DIM, 1);
  const noise = randomRows(1200 * DIM, 2);
  const rows = noise.map((value, i) => (one[i % DIM] as number) + 0.03 * value);
  const answers = await estimates(rows, randomRows(DIM, 3), 10);
  for (const { error } of answers) expect(Math.abs(error)).toBeLessThan(0.02);
});

test.each([4, 8])(
  "where most of the tail was in classes of the head, the bar of %d draws covers the rest",
  async (draws) => {
    const rows = randomRows(1200 * DIM, 4).map((value, i) => (i < 50 * DIM ? 1 : 0) + 0.3 * value);
    const query = new Float32Array(DIM).fill(0.8);
    const answers = await estimates(rows, query, draws);
    const trusted = answers.filter(({ lowEss }) => !lowEss);
    expect(trusted.length).toBeGreaterThan(100);
    const covered = trusted.filter(({ error, standardError }) => Math.abs(error) <= 1.96 * standardError);
    expect(covered.length / trusted.length).toBeGreaterThanOrEqual(0.94);
  },
);

test("a head of −0 classes is one of 0 classes", async () => {
  const file = await buildIndex({ data: randomRows(1200 * DIM, 5), shape: [1200, DIM] }, { fineCodes: true });
  const { index } = await open(file);
  const query = randomRows(DIM, 6);
  expect(index.predict(query, 3, { scan: -0, seed: 1 })).toEqual(index.predict(query, 3, { scan: 0, seed: 1 }));
});
