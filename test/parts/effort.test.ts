import { describe, expect, test } from "vitest";
import { randomRows } from "../train/rows.ts";
import { consecutive, inParts, type Table } from "./split.ts";

// The rows that parts score: their shares of the effort, and outliers, which are not divided.

const DIM = 16;
const CLASSES = 4096;
const SCAN = 256;
const table: Table = { data: randomRows(CLASSES * DIM, 1), dim: DIM, options: { seed: 1, calibrate: "off" } };
const query = randomRows(DIM, 5);

test.each([1, 2])("defaults go down to the limits of %i parts, as those of one index do", async (count) => {
  const sizes = Array.from({ length: count }, () => CLASSES / count);
  const { parted } = await inParts({ ...table, limits: { maxScan: 128, maxDraws: 10 } }, consecutive(sizes));
  const answers = [
    await parted.topK(query, 5),
    await parted.predict(query, 5, { seed: 1 }),
    await parted.logPartition(query, { seed: 1 }),
    await parted.logProbability(query, [1, 4000], { seed: 1 }),
    await parted.sample(query, 5, { seed: 1 }),
    await parted.sampleTopK(query, 5, { seed: 1 }),
    await parted.decode(query, { topP: 0.5, seed: 1 }),
  ];
  for (const { scored } of answers) expect(scored).toBeGreaterThan(0);
  await expect(parted.predict(query, 5, { scan: 300 * count })).rejects.toThrow(
    '"scan" expected at most 128 (maxScan)',
  );
  await expect(parted.predict(query, 5, { draws: 100 * count })).rejects.toThrow(
    '"draws" expected at most 10 (maxDraws)',
  );
});

describe.each([
  [1, 256],
  [2, 512],
  [8, 512],
  [16, 0],
])("%i parts", (count, outliers) => {
  const sizes = Array.from({ length: count }, () => (count === 16 ? 255 : CLASSES / count));

  test("score their shares of scan, and all of their outliers beyond a quarter of it", async () => {
    const { parted, indexes } = await inParts(table, consecutive(sizes));
    expect(indexes.reduce((sum, { info }) => sum + info.outlierCount, 0)).toBe(outliers);
    const most = SCAN - Math.min(outliers, SCAN / 4) + outliers;
    for (const { scored } of [
      await parted.topK(query, 10, { scan: SCAN }),
      await parted.predict(query, 10, { scan: SCAN, draws: 0, seed: 1 }),
    ]) {
      expect(scored).toBeLessThanOrEqual(most);
      expect(scored).toBeGreaterThan(0.85 * most);
    }
  });

  test("make their shares of the draws beyond that, and at least 16 each", async () => {
    const { parted } = await inParts(table, consecutive(sizes));
    const scored = async (draws: number) => (await parted.predict(query, 10, { scan: SCAN, draws, seed: 1 })).scored;
    const drawn = (await scored(100)) - (await scored(0));
    expect(drawn).toBeLessThanOrEqual(Math.max(100, 16 * count));
    expect(drawn).toBeGreaterThan(0.8 * Math.max(100, 16 * count));
  });
});
