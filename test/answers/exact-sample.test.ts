import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { LARGE } from "../run/size.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";

const ITEM_COUNT = 3000;
const DIM = 6;
const DRAWS = 1 << 12;
const SEEDS = LARGE ? 500 : 25;

/** Rows around centres, so that an envelope pays off, with biases of several units. */
let index: MultiIndex;
let ids: Int32Array;
const query = randomRows(DIM, 4).map((value) => 1.5 * value);

beforeAll(async () => {
  const centres = randomRows(150 * DIM, 1);
  const data = randomRows(ITEM_COUNT * DIM, 2).map((value, i) => {
    const centre = Math.floor(i / DIM) % 150;
    return 2 * (centres[centre * DIM + (i % DIM)] as number) + 0.05 * value;
  });
  const bias = randomRows(ITEM_COUNT, 3).map((value) => 2 * value);
  const file = await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bias, bits: 4 });
  index = (await open(file, { maxDraws: DRAWS, maxScan: 256 })).index;
  ids = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id);
});

/** The exact softmax over the classes for which `takesPart` holds. */
function softmax(temperature: number, takesPart: (id: number) => boolean = () => true): Float64Array {
  const logits = Float64Array.from(index.score(query, ids), (score, id) =>
    takesPart(id) ? score / temperature : Number.NEGATIVE_INFINITY,
  );
  const logZ = logSumExp(logits.filter(Number.isFinite));
  return logits.map((logit) => Math.exp(logit - logZ));
}

function expectFit(counts: Float64Array, probabilities: Float64Array): void {
  const { g, low, high } = goodnessOfFit(counts, probabilities);
  expect(g).toBeLessThanOrEqual(high + 1e-6);
  expect(g).toBeGreaterThanOrEqual(low - 1e-6);
}

describe("exact draws", () => {
  // One draw in a call takes few proposals, so the envelope is used. For thousands of draws the scan is.
  test.each([
    { path: "the envelope", draws: 2, calls: LARGE ? 200_000 : 15_000 },
    { path: "a scan", draws: DRAWS, calls: SEEDS },
  ])("follow the softmax by $path", ({ path, draws, calls }) => {
    for (const temperature of [0.8, 1]) {
      const counts = new Float64Array(ITEM_COUNT);
      let most = 0;
      for (let seed = 0; seed < calls; seed++) {
        const drawn = index.sample(query, draws, { exact: true, seed, temperature });
        for (const id of drawn.ids) (counts[id] as number)++;
        most = Math.max(most, drawn.scored);
      }
      expectFit(counts, softmax(temperature));
      if (path === "the envelope") expect(most).toBeLessThan(ITEM_COUNT);
      else expect(most).toBeGreaterThanOrEqual(ITEM_COUNT);
    }
  });

  test("are independent of each other within a call", () => {
    // Classes are grouped in three kinds, so that there are many pairs of each.
    const kindOf = (id: number): number => id % 3;
    const kinds = [0, 0, 0];
    for (const [id, p] of softmax(1).entries()) kinds[kindOf(id)] = (kinds[kindOf(id)] as number) + p;
    const counts = new Float64Array(9);
    for (let seed = 0; seed < (LARGE ? 10_000 : 4000); seed++) {
      const [a, b] = index.sample(query, 2, { exact: true, seed }).ids;
      (counts[3 * kindOf(a as number) + kindOf(b as number)] as number)++;
    }
    expectFit(
      counts,
      counts.map((_, i) => (kinds[Math.floor(i / 3)] as number) * (kinds[i % 3] as number)),
    );
  });

  test("come with the scores of their classes, and keep to a filter", () => {
    const chances = softmax(1);
    const exclude = Array.from(ids).filter((id) => (chances[id] as number) > 1e-3);
    expect(exclude.length).toBeGreaterThan(20);
    const counts = new Float64Array(ITEM_COUNT);
    for (let seed = 0; seed < (LARGE ? 8000 : 3000); seed++) {
      const drawn = index.sample(query, 4, { exact: true, seed, exclude });
      for (const id of drawn.ids) (counts[id] as number)++;
      if (seed % 100 === 0) expect(drawn.scores).toEqual(index.score(query, drawn.ids));
    }
    expectFit(
      counts,
      softmax(1, (id) => !exclude.includes(id)),
    );
  });
});

describe("draws among classes with one row and different biases", () => {
  const COLD = 6000;
  const COUNT = 9000;
  let cold: MultiIndex;
  let every: Int32Array;

  // Items that nothing is known of share a row of zeros, and a tenth of them are sixty times as frequent as the others.
  beforeAll(async () => {
    const rows = randomRows(COUNT * DIM, 21).map((value, i) => (i < COLD * DIM ? 0 : 0.3 * value));
    const bias = Float32Array.from({ length: COUNT }, (_, id) => (id < COLD && id % 10 === 0 ? Math.log(60) : 0));
    const file = await buildIndex({ data: rows, shape: [COUNT, DIM] }, { bias });
    cold = (await open(file)).index;
    every = Int32Array.from({ length: COUNT }, (_, id) => id);
  });

  // Between knots (docs/method.md, 2), the weights of buckets are upper bounds, and so are the parts of the envelope.
  test.each(LARGE ? [0.8, 0.85, 1, 1.2, 3] : [0.85, 1.2])("follow the softmax at temperature %d", (temperature) => {
    const calls = LARGE ? 40_000 : 8000;
    const groupOf = (id: number): number => (id >= COLD ? 2 : id % 10 === 0 ? 1 : 0);
    const logits = cold.score(query, every).map((score) => score / temperature);
    const logZ = logSumExp(logits);
    const chances = new Float64Array(3);
    for (const [id, logit] of logits.entries())
      chances[groupOf(id)] = at(chances, groupOf(id)) + Math.exp(logit - logZ);
    const independent = new Float64Array(3);
    const first = new Float64Array(3);
    let most = 0;
    for (let seed = 0; seed < calls; seed++) {
      const drawn = cold.sample(query, 1, { exact: true, seed, temperature });
      most = Math.max(most, drawn.scored);
      count(independent, groupOf(drawn.ids[0] as number));
      count(first, groupOf(cold.sampleTopK(query, 1, { exact: true, seed, temperature }).ids[0] as number));
    }
    expect(most, "the envelope is used").toBeLessThan(COUNT);
    expectFit(independent, chances);
    expectFit(first, chances);
  });

  const at = (values: Float64Array, group: number): number => values[group] as number;
  const count = (counts: Float64Array, group: number): void => {
    counts[group] = at(counts, group) + 1;
  };
});

describe("draws without replacement", () => {
  test.each([true, false])("have weights whose sums are unbiased, exact: %s", (exact) => {
    const scores = index.score(query, ids);
    // Σ e^score over all classes, and over a third of them.
    const third = (id: number): number => (id % 3 === 0 ? 1 : 0);
    const logZ = logSumExp(scores);
    const share = softmax(1).reduce((total, p, id) => total + third(id) * p, 0);
    for (const k of [1, 8, 30]) {
      const sums: number[] = [];
      const thirds: number[] = [];
      for (let seed = 0; seed < (LARGE ? 20_000 : 700); seed++) {
        const { ids: drawn, logWeights } = index.sampleTopK(query, k, exact ? { exact, seed } : { seed, scan: 32 });
        const weights = Array.from(logWeights, (w) => Math.exp(w - logZ));
        sums.push(weights.reduce((total, w) => total + w, 0));
        thirds.push(weights.reduce((total, w, i) => total + w * third(drawn[i] as number), 0));
      }
      expectMean(sums, 1);
      expectMean(thirds, share);
    }
  });

  test("are the k largest keys: fewer are the first of more, and the next key is the threshold", () => {
    for (const exact of [true, false]) {
      const more = index.sampleTopK(query, 20, exact ? { exact, seed: 5 } : { seed: 5, scan: 16 });
      expect(more.threshold).toBeLessThan(more.keys[19] as number);
      for (const k of exact ? [] : [0, 1, 7, 19]) {
        // exact: a larger k may take another path, with other numbers
        const fewer = index.sampleTopK(query, k, { seed: 5, scan: 16 });
        expect(fewer.threshold).toBe(more.keys[k]);
        expect(fewer.ids).toEqual(more.ids.slice(0, k));
      }
      expect(more.scores).toEqual(index.score(query, more.ids));
      expect(more.exact).toBe(exact);
    }
  });

  test("of all classes are all classes, with a threshold of −∞ and weights e^score", async () => {
    const data = randomRows(20 * 3, 1);
    const small = (await open(await buildIndex({ data, shape: [20, 3] }, { bits: 2 }))).index;
    const z = [1, 2, 3];
    for (const exact of [true, false]) {
      const all = small.sampleTopK(z, 25, { exact, seed: 1 });
      expect(Array.from(all.ids).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, id) => id));
      expect(all.threshold).toBe(Number.NEGATIVE_INFINITY);
      for (const [i, w] of all.logWeights.entries()) expect(w).toBeCloseTo(all.scores[i] as number, 6);
    }
  });
});

/** |mean − expected| is within 5 standard errors. */
function expectMean(values: readonly number[], expected: number): void {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1);
  expect(Math.abs(mean - expected)).toBeLessThanOrEqual(5 * Math.sqrt(variance / values.length) + 1e-5);
}
