import { expect, test } from "vitest";
import { createSampler } from "../../src/train/samplers/create-inlined.ts";
import { randomRows } from "./rows.ts";
import { DIM, madeClasses } from "./sampler-cases.ts";

const classes = madeClasses(60);
const ids = Array.from({ length: 60 }, (_, id) => id);
const SHARE = 0.3;
const own = await createSampler({ kind: "midx" }, classes);
const broad = await createSampler({ kind: "unigram" }, classes);
const mixed = await createSampler({ kind: "midx", unigramShare: SHARE }, classes);

test.each([[[]], [[0, 7, 31]]])(
  "log Q without %j is that of the two laws, each over the classes that are left",
  (excluded) => {
    const query = randomRows(DIM, 5).map((value) => 2 * value);
    const [a, b] = [own, broad].map((sampler) => sampler.logQ(query, ids, excluded)) as [Float64Array, Float64Array];
    for (const [id, log] of mixed.logQ(query, ids, excluded).entries()) {
      const expected = (1 - SHARE) * Math.exp(a[id] as number) + SHARE * Math.exp(b[id] as number);
      expect(Math.exp(log)).toBeCloseTo(expected, 12);
    }
  },
);

test("no class is rarer than its share of the draws by frequency, wherever the query points", () => {
  const far = randomRows(DIM, 6).map((value) => 1500 * value);
  const least = broad.logQ(far, ids, []).map((log) => log + Math.log(SHARE) - 1e-12);
  for (const [id, log] of mixed.logQ(far, ids, []).entries()) expect(log).toBeGreaterThanOrEqual(least[id] as number);
  const alone = own.logQ(far, ids, []);
  expect(Math.min(...alone)).toBeLessThan(Math.min(...least) - 100);
});

test("a share of 0 has the draws of MIDX alone, bit for bit", async () => {
  const none = await createSampler({ kind: "midx", unigramShare: 0 }, classes);
  const query = randomRows(DIM, 7);
  expect(none.draw(query, 40, [3], 9n)).toEqual(own.draw(query, 40, [3], 9n));
  expect(mixed.draw(query, 40, [3], 9n)).not.toEqual(own.draw(query, 40, [3], 9n));
});

test("a share is refused without counts, and out of its range", async () => {
  const { rows, biases } = classes;
  await expect(createSampler({ kind: "midx", unigramShare: 0.5 }, { rows, biases })).rejects.toThrow(
    '"counts" expected 60 values for midx with a unigramShare, got none',
  );
  for (const unigramShare of [-0.1, 1, Number.NaN]) {
    await expect(createSampler({ kind: "midx", unigramShare }, classes)).rejects.toThrow('"unigramShare" expected');
  }
});
