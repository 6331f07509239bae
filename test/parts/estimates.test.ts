import { describe, expect, test } from "vitest";
import { logPartitionOf } from "../../src/parts/final-answers.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { mergeAnswers } from "../../src/parts/merge.ts";
import { mergeEstimates } from "../../src/parts/merge-estimates.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { EstimateTerms, PartialEstimate } from "../../src/parts/partial-answer.ts";
import type { Question } from "../../src/parts/question.ts";
import { consecutive, idsTo, indexOf, inParts, nested } from "./split.ts";
import { ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

const [query] = queries.slice(1) as [Float32Array];
const table = TABLES["int8 rows, biases"] as (typeof TABLES)[string];
const NO_IDS = new Int32Array(0);

/** A small part in float64: a head, and a tail with quantised masses. */
interface Toy {
  readonly head: number;
  readonly exact: readonly number[];
  readonly quantised: readonly number[];
}

const TOYS: readonly Toy[] = [
  { head: 2, exact: [1, 0.3, 2], quantised: [0.5, 0.5, 1] },
  { head: 0.1, exact: [4, 0.2], quantised: [3, 1] },
  { head: 0, exact: [1e-3, 5, 0.7], quantised: [0.01, 2, 2] },
];

/** Every set of `draws` independent draws from the tail of a toy, with its probability, as terms in units of e^unit. */
function outcomes({ head, exact, quantised }: Toy, draws: number, unit: number) {
  const tail = quantised.reduce((sum, mass) => sum + mass, 0);
  let sets: { chance: number; x: number[] }[] = [{ chance: 1, x: [] }];
  for (let draw = 0; draw < draws; draw++) {
    sets = sets.flatMap(({ chance, x }) =>
      quantised.map((mass, i) => ({
        chance: (chance * mass) / tail,
        x: [...x, ((exact[i] as number) * tail) / mass],
      })),
    );
  }
  const scale = Math.exp(-unit);
  return sets.map(({ chance, x }) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / draws;
    const square = x.reduce((sum, value) => sum + value * value, 0) / draws;
    const terms: EstimateTerms = {
      ...{ logUnit: unit, mass: (head + mean) * scale, head: head * scale, proposal: (head + tail) * scale },
      squares: (head + square / tail) * scale,
      variance: draws < 2 ? Number.POSITIVE_INFINITY : ((square - mean * mean) / (draws - 1)) * scale * scale,
      ...{ modelVariance: 0, draws, limit: Number.POSITIVE_INFINITY },
      ...{ isSampled: true, isCalibrated: true, isDoubtful: false },
    };
    return { chance, estimate: { terms } as PartialEstimate };
  });
}

/** Every combination of outcomes of all toys. */
function combinations(draws: number) {
  const perToy = TOYS.map((toy, i) => outcomes(toy, draws, [0, 30, -4][i] as number));
  let all: { chance: number; estimates: PartialEstimate[] }[] = [{ chance: 1, estimates: [] }];
  for (const outcomesOfToy of perToy) {
    all = all.flatMap(({ chance, estimates }) =>
      outcomesOfToy.map((outcome) => ({
        chance: chance * outcome.chance,
        estimates: [...estimates, outcome.estimate],
      })),
    );
  }
  return all;
}

const trueMass = TOYS.reduce((sum, { head, exact }) => sum + exact.reduce((total, x) => total + x, head), 0);

describe("by enumeration of all draws of three parts", () => {
  test.each([1, 2])("the merged estimate of Z is unbiased with %d draws a part", (draws) => {
    let mean = 0;
    for (const { chance, estimates } of combinations(draws)) {
      mean += chance * Math.exp(mergeEstimates(estimates, 3 * draws).logPartition);
    }
    expect(Math.abs(mean / trueMass - 1)).toBeLessThan(1e-12);
  });

  test("the mean of the merged variance is the variance of the merged estimate", () => {
    let [variance, said] = [0, 0];
    for (const { chance, estimates } of combinations(2)) {
      const { logPartition, terms } = mergeEstimates(estimates, 6);
      variance += chance * (Math.exp(logPartition) - trueMass) ** 2;
      said += chance * terms.variance * Math.exp(2 * terms.logUnit);
    }
    expect(Math.abs(said / variance - 1)).toBeLessThan(1e-9);
  });

  test("a mean of log Z, or of Z, would be something else", () => {
    let [logs, masses] = [0, 0];
    for (const { chance, estimates } of combinations(1)) {
      const each = estimates.map(({ terms }) => terms.logUnit + Math.log(terms.mass));
      logs += chance * Math.exp(each.reduce((sum, log) => sum + log, 0) / each.length);
      masses += (chance * each.reduce((sum, log) => sum + Math.exp(log), 0)) / each.length;
    }
    expect(Math.abs(logs / trueMass - 1)).toBeGreaterThan(0.1);
    expect(Math.abs(masses / trueMass - 1)).toBeGreaterThan(0.1);
  });

  test("merges of merges say the same, and the effective sample size that of all draws", () => {
    for (const { estimates } of combinations(2)) {
      const [a, b, c] = estimates as [PartialEstimate, PartialEstimate, PartialEstimate];
      const flat = mergeEstimates([a, b, c], 6);
      const deep = mergeEstimates([mergeEstimates([a, b], 4), c], 6);
      for (const field of ["logPartition", "standardError", "headShare", "effectiveSampleSize"] as const) {
        expect(Math.abs(deep[field] - flat[field])).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(flat[field])));
      }
      expect(flat.effectiveSampleSize).toBeLessThanOrEqual(6 * (1 + 1e-12));
      const mass = estimates.reduce((sum, { terms }) => sum + terms.mass * Math.exp(terms.logUnit), 0);
      const proposal = estimates.reduce((sum, { terms }) => sum + terms.proposal * Math.exp(terms.logUnit), 0);
      const squares = estimates.reduce((sum, { terms }) => sum + terms.squares * Math.exp(terms.logUnit), 0);
      expect(flat.effectiveSampleSize).toBeCloseTo((6 * mass * mass) / (proposal * squares), 9);
    }
  });
});

describe("by chance", () => {
  /** The errors of Ẑ over Z of many seeds, and the standard errors that the answers say. */
  async function errorsOf(parted: PartedIndex, seeds: number) {
    const exact = (await parted.logPartition(query, { exact: true })).logPartition;
    const [errors, said]: [number[], number[]] = [[], []];
    for (let seed = 0; seed < seeds; seed++) {
      const { logPartition, standardError } = await parted.predict(query, 1, { scan: 16, draws: 32, seed });
      errors.push(Math.exp(logPartition - exact) - 1);
      said.push(standardError);
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / seeds;
    const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (seeds - 1);
    return { mean, variance, said };
  }

  test.each(SIZES.map((sizes) => [...sizes]).map((sizes) => ({ sizes })))(
    "Ẑ of parts of $sizes classes is unbiased, nested too",
    async ({ sizes }) => {
      const { parts, parted } = await inParts(table, consecutive(sizes));
      for (const router of [parted, nested(parts)]) {
        const { mean, variance } = await errorsOf(router, 800);
        expect(variance).toBeGreaterThan(0);
        expect(Math.abs(mean)).toBeLessThanOrEqual(5 * Math.sqrt(variance / 800) + 1e-6);
      }
    },
  );

  test("parts have random numbers of their own, so that their variances add (trap 1)", async () => {
    const index = await indexOf(table, idsTo(ITEM_COUNT));
    const [one, other] = [partOf(index), partOf(index, { number: 1 })];
    const twins = new PartedIndex([one, other]);
    const question: Question = { call: "predict", query, size: 1, ids: NO_IDS, options: { scan: 8, draws: 16 } };
    const seeded = { ...question, options: { ...question.options, seed: 3n } };
    const [a, b] = [await one.answer(seeded), await other.answer(seeded)];
    expect(a.estimate?.logPartition).not.toBe(b.estimate?.logPartition);
    // With the same errors, the relative variance of the sum of two would be that of one.
    const single = await errorsOf(new PartedIndex([one]), 1500);
    const double = await errorsOf(twins, 1500);
    const half = { scan: 8, draws: 16 }; // the share of each twin
    const errors: number[] = [];
    const exact = index.logPartition(query, { exact: true }).logPartition;
    for (let seed = 0; seed < 1500; seed++) {
      errors.push(Math.exp(index.predict(query, 1, { ...half, seed }).logPartition - exact) - 1);
    }
    const ownVariance = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    expect(single.variance).toBeGreaterThan(0);
    expect(double.variance / ownVariance).toBeGreaterThan(0.4);
    expect(double.variance / ownVariance).toBeLessThan(0.62);
  });

  test("a missing part is missing: nothing is made up for it (trap 4)", async () => {
    const { parts, parted } = await inParts(table, consecutive([100, 140]));
    const question: Question = { call: "logPartition", query, size: 0, ids: NO_IDS, options: { exact: true } };
    const [first] = parts as [(typeof parts)[number]];
    const alone = mergeAnswers(question, [await first.answer(question)]);
    expect(alone.parts).toEqual([0]);
    const whole = await parted.answer(question);
    expect(whole.parts).toEqual([0, 1]);
    const { logPartition } = logPartitionOf(question, alone);
    expect(logPartition).toBe((await first.answer(question)).estimate?.logPartition);
    expect(logPartition).toBeLessThan(whole.estimate?.logPartition as number);
  });

  test("the effort of a call is that of all parts together (trap 6)", async () => {
    const sizes = Array.from({ length: 8 }, () => ITEM_COUNT / 8);
    const { parts, parted } = await inParts(table, consecutive(sizes));
    for (const router of [parted, nested(parts)]) {
      const { scored } = await router.predict(query, 1, { scan: 64, draws: 160, seed: 1 });
      // Each part may complete its first bucket, of at most its own classes.
      expect(scored).toBeLessThanOrEqual(64 + 160 + 8 * 8);
      expect(scored).toBeGreaterThan(64);
    }
    const asked: number[] = [];
    const counting = parts.map((part) => ({
      info: part.info,
      answer: (question: Question) => {
        asked.push(question.options.scan as number, question.options.draws as number);
        return part.answer(question);
      },
    }));
    await new PartedIndex(counting).predict(query, 1, { scan: 63, draws: 161, seed: 1 });
    const sum = (offset: number) => asked.filter((_, i) => i % 2 === offset).reduce((total, value) => total + value, 0);
    expect([sum(0), sum(1)]).toEqual([63, 161]);
    await nested(counting).predict(query, 1, { scan: 63, draws: 161, seed: 1 });
    expect([sum(0), sum(1)]).toEqual([126, 322]);
    // Fewer draws than a part needs are made up to 16 for each.
    await new PartedIndex(counting).predict(query, 1, { scan: 63, draws: 20, seed: 1 });
    expect(sum(1)).toBe(322 + 8 * 16);
  });

  test("scan: auto meets its target over all parts", async () => {
    const { parted } = await inParts(table, consecutive([100, 140]));
    for (const targetError of [0.01, 0.05]) {
      const answer = await parted.predict(query, 3, { scan: "auto", targetError, seed: 1 });
      expect(answer.standardError).toBeLessThanOrEqual(targetError);
      expect(answer.choice?.scan).toBeGreaterThan(0);
    }
  });
});
