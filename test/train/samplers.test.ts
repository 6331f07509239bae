import { beforeAll, describe, expect, test } from "vitest";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import { LARGE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "./rows.ts";
import { announce, DIM, type MadeClasses, madeClasses, makeSampler, SAMPLERS } from "./sampler-cases.ts";

const QUERIES = [randomRows(DIM, 20), randomRows(DIM, 21).map((value) => 3 * value), new Float32Array(DIM)];
/** A query with logits of about ±1,000. */
const FAR = randomRows(DIM, 22).map((value) => 1500 * value);

/** The tolerance for sub-scores and bucket weights in f32 at such logits: 1e-5 + 2⁻²¹ · 2 · 2,000. */
const FAR_ROUNDING = 2e-3;

const everyId = (itemCount: number): number[] => Array.from({ length: itemCount }, (_, id) => id);

const sumOfQ = (sampler: Sampler, query: Float32Array, itemCount: number, excluded: number[]): number =>
  sampler.logQ(query, everyId(itemCount), excluded).reduce((sum, logQ) => sum + Math.exp(logQ), 0);

/** Exclusions that leave at least one class: none, one, the likeliest, all but two, all but one. */
function exclusions(sampler: Sampler, query: Float32Array, itemCount: number): number[][] {
  const ids = everyId(itemCount);
  const logQ = sampler.logQ(query, ids, []);
  const byMass = ids.toSorted((a, b) => (logQ[b] as number) - (logQ[a] as number));
  return [[], [0], byMass.slice(0, 3), byMass.slice(0, -2), byMass.slice(0, -1)].filter(
    ({ length }) => length < itemCount,
  );
}

/** Counts the classes of `draws` draws, ten per seed. */
function countDraws(
  sampler: Sampler,
  { counts }: MadeClasses,
  query: Float32Array,
  excluded: number[],
  draws: number,
): Float64Array {
  const drawn = new Float64Array(counts.length);
  for (let seed = 0; seed < draws / 10; seed++) {
    announce(sampler, counts, seed);
    for (const id of sampler.draw(query, 10, excluded, BigInt(seed)).ids) drawn[id] = (drawn[id] as number) + 1;
  }
  return drawn;
}

function expectDrawsFollowLogQ(sampler: Sampler, classes: MadeClasses, draws: number): void {
  const itemCount = classes.counts.length;
  for (const [i, query] of QUERIES.slice(0, 2).entries()) {
    for (const excluded of inTurn(exclusions(sampler, query, itemCount), LARGE ? 1 : 2, `${i}`)) {
      const masses = sampler.logQ(query, everyId(itemCount), excluded).map(Math.exp);
      // The sum is 1 up to rounding, which the G statistic of a near-perfect fit would show.
      const total = masses.reduce((a, b) => a + b, 0);
      const q = masses.map((mass) => mass / total);
      const { g, degrees, low, high } = goodnessOfFit(countDraws(sampler, classes, query, excluded, draws), q);
      expect(g, `${sampler.name} without ${excluded}`).not.toBe(Number.POSITIVE_INFINITY);
      if (degrees === 0) continue;
      expect(g, `${sampler.name} without ${excluded}`).toBeLessThanOrEqual(high);
      expect(g, `${sampler.name} without ${excluded}`).toBeGreaterThanOrEqual(low);
    }
  }
}

function expectNormalised(sampler: Sampler, itemCount: number): void {
  for (const query of [...QUERIES, FAR]) {
    for (const excluded of exclusions(sampler, query, itemCount)) {
      const error = Math.abs(sumOfQ(sampler, query, itemCount, excluded) - 1);
      expect(error, `${sampler.name} without ${excluded}`).toBeLessThan(query === FAR ? FAR_ROUNDING : 1e-5);
    }
  }
}

function expectDrawnLogQ(sampler: Sampler, { counts }: MadeClasses): void {
  for (const query of [...QUERIES, FAR]) {
    for (const excluded of exclusions(sampler, query, counts.length)) {
      announce(sampler, counts, 5);
      const { ids, logQ } = sampler.draw(query, 50, excluded, 5n);
      expect(ids).toHaveLength(50);
      expect(logQ).toEqual(sampler.logQ(query, ids, excluded));
      expect(logQ.filter((value) => !(value > Number.NEGATIVE_INFINITY && value <= 0))).toHaveLength(0);
      expect(ids.filter((id) => excluded.includes(id))).toHaveLength(0);
    }
  }
}

describe.each(SAMPLERS)("$title", ({ options, adaptive, renormalises }) => {
  const classes = madeClasses(60);
  let sampler: Sampler;
  beforeAll(async () => {
    sampler = await makeSampler(options, classes);
  });

  test("is named by its kind, and says whether the query matters", () => {
    expect(sampler.name).toBe(options.kind);
    expect(sampler.adaptive).toBe(adaptive);
    const [a, b] = QUERIES.slice(0, 2).map((query) => sampler.logQ(query, everyId(60), []));
    if (adaptive) expect(a).not.toEqual(b);
    else expect(a).toEqual(b);
  });

  test.each([1, 2, 7, 60])("probabilities of %i classes sum to 1, whatever is excluded", async (itemCount) => {
    expectNormalised(await makeSampler(options, madeClasses(itemCount)), itemCount);
  });

  test.each([1, 2, 7, 60])("draws of %i classes carry their log Q, and none is excluded", async (itemCount) => {
    const few = madeClasses(itemCount);
    expectDrawnLogQ(await makeSampler(options, few), few);
  });

  test("draws follow log Q", () => expectDrawsFollowLogQ(sampler, classes, LARGE ? 20_000 : 1300));

  test("draws of few classes follow log Q", async () => {
    const few = madeClasses(7);
    expectDrawsFollowLogQ(await makeSampler(options, few), few, LARGE ? 5000 : 500);
  });

  test("log Q is no constant, but for uniform draws", () => {
    const distinct = new Set(sampler.logQ(QUERIES[1] as Float32Array, everyId(60), []));
    if (options.kind === "uniform") expect(distinct.size).toBe(1);
    else expect(distinct.size).toBeGreaterThan(3);
  });

  test("an excluded class has log Q −Infinity", () => {
    expect(sampler.logQ(QUERIES[0] as Float32Array, [4, 5, 4], [4])[1]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
    expect(sampler.logQ(QUERIES[0] as Float32Array, [4, 5, 4], [4])[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  test.runIf(renormalises)("log Q of the others is divided by what the excluded leave", () => {
    for (const query of QUERIES) {
      const before = sampler.logQ(query, everyId(60), []);
      const excluded = exclusions(sampler, query, 60)[2] as number[];
      const left = 1 - excluded.reduce((sum, id) => sum + Math.exp(before[id] as number), 0);
      const after = sampler.logQ(query, everyId(60), excluded);
      for (const id of everyId(60)) {
        if (!excluded.includes(id)) expect(after[id]).toBeCloseTo((before[id] as number) - Math.log(left), 4);
      }
    }
  });

  test("classes that are alike are as likely", () => {
    if (options.kind === "log-uniform") return; // ranks differ
    const [one, two] = sampler.logQ(QUERIES[1] as Float32Array, [1, 2], []);
    expect(one).toBeCloseTo(two as number, 5);
  });

  test("the same seed repeats, another and another query's does not", () => {
    announce(sampler, classes.counts, 1);
    const draw = (query: number, seed: bigint) => sampler.draw(QUERIES[query] as Float32Array, 20, [3], seed);
    expect(draw(0, 7n)).toEqual(draw(0, 7n));
    expect(draw(0, 7n).ids).not.toEqual(draw(0, 8n).ids);
    expect(draw(0, 7n).ids).not.toEqual(draw(1, 7n).ids);
    expect(draw(0, 7n).ids).not.toEqual(draw(0, 7n + (1n << 32n)).ids);
  });

  test("no draws are no draws", () => {
    expect(sampler.draw(QUERIES[0] as Float32Array, 0, [], 1n)).toEqual({
      ids: new Int32Array(0),
      logQ: new Float64Array(0),
    });
  });

  test("refuses to exclude all classes, ids that are none and queries of another length, by name", () => {
    const [query] = QUERIES as [Float32Array];
    expect(() => sampler.draw(query, 1, everyId(60), 1n)).toThrow(
      new RangeError('"excluded" expected fewer than all 60 classes, got 60'),
    );
    expect(() => sampler.logQ(query, [1], everyId(60))).toThrow('"excluded" expected fewer than all');
    expect(() => sampler.draw(query, 1, [60], 1n)).toThrow('"excluded"[0] expected an integer in 0..59, got 60');
    expect(() => sampler.draw(query.subarray(1), 1, [], 1n)).toThrow('"query" expected 6 values, got 5');
  });

  test("what it answers doesn't depend on what it was asked before, nor does it outlive a refresh", async () => {
    const kept = await makeSampler(options, classes);
    const [first, other] = QUERIES as [Float32Array, Float32Array];
    const ids = everyId(classes.counts.length);
    announce(kept, classes.counts, 1);
    const fresh = kept.logQ(first, ids, [0]);
    kept.draw(first, 5, [0], 1n);
    expect(kept.logQ(first, ids, [0])).toEqual(fresh);
    expect(kept.logQ(first, ids, [1])).not.toEqual(fresh);
    kept.logQ(other, ids, [0]);
    expect(kept.logQ(first, ids, [0])).toEqual(fresh);
    const moved = madeClasses(classes.counts.length, 70);
    kept.refresh(moved.rows, moved.biases);
    const after = kept.logQ(first, ids, [0]);
    kept.logQ(other, ids, []);
    expect(kept.logQ(first, ids, [0])).toEqual(after);
  });

  test("all the same holds after a refresh with moved rows", async () => {
    const moving = await makeSampler(options, classes);
    const moved = madeClasses(60, 31);
    const report = moving.refresh(moved.rows, moved.biases);
    expect(report.seconds).toBeGreaterThanOrEqual(0);
    if (adaptive) {
      expect(report.moved).toBeGreaterThan(0);
      expect(report.kind).not.toBe("none");
    } else expect(report).toEqual({ kind: "none", moved: 0, seconds: 0 });
    const before = sampler.logQ(QUERIES[1] as Float32Array, everyId(60), []);
    if (adaptive) expect(moving.logQ(QUERIES[1] as Float32Array, everyId(60), [])).not.toEqual(before);
    expectNormalised(moving, 60);
    expectDrawnLogQ(moving, classes);
    expectDrawsFollowLogQ(moving, classes, 5_000);
  });

  test("refuses rows that are not finite or too large from the beginning, by name", async () => {
    const broken = { ...classes, rows: classes.rows.with(9, 2 ** 33) };
    await expect(makeSampler(options, broken)).rejects.toThrow('"rows"[9] expected a finite value of magnitude');
    const none = { ...classes, rows: new Float32Array(0), biases: new Float32Array(0) };
    await expect(makeSampler(options, none)).rejects.toThrow('"biases" expected at least one class, got none');
  });

  test("refuses moved rows of another shape or that are not finite, by name", () => {
    expect(() => sampler.refresh(classes.rows.subarray(1), classes.biases)).toThrow('"rows" expected 60 × 6 values');
    expect(() => sampler.refresh(classes.rows, classes.biases.subarray(1))).toThrow('"biases" expected 60 values');
    const broken = classes.rows.with(7, Number.NaN);
    expect(() => sampler.refresh(broken, classes.biases)).toThrow(
      '"rows"[7] expected a finite value of magnitude at most 4294967296, got NaN',
    );
  });
});
