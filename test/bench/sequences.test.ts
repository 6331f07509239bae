import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type EncodeCosts, encodeCostsTable } from "../../bench/encode-in-workerd/table.ts";
import { differenceOf, meansOf } from "../../bench/sequences/difference.ts";
import { SEQUENCES_BLOCKS } from "../../bench/sequences/docs.ts";
import { COMPARISONS, isFull, keyOf, runsOf } from "../../bench/sequences/plan.ts";
import type { SequencesResult } from "../../bench/sequences/result.ts";
import { noise } from "../cli/run.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("docs/sequence-results.md", () => {
  const result = JSON.parse(read("bench/results/sequences.json")) as SequencesResult;

  it.each(Object.entries(SEQUENCES_BLOCKS))("shows what was measured: %s", (name, block) => {
    expect(read("docs/sequence-results.md")).toContain(`<!-- ${name} -->\n\n${block(result)}\n\n<!-- /${name} -->`);
  });

  it("says how much of the full softmax's time an epoch takes with MIDX at 10,000 to 12,000 classes", () => {
    const shares = result.comparisons
      .filter(({ set }) => set === "amazon-beauty" || set === "ptb")
      .map(({ entries }) => {
        const secondsOf = (name: string) =>
          entries.find(({ sampler }) => sampler === name)?.secondsPerEpoch ?? Number.NaN;
        return secondsOf("midx") / secondsOf("full");
      })
      .filter((share) => share > 0); // both were run
    const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => share.toFixed(2).slice(1));
    expect(read("docs/sequence-results.md")).toContain(`| ${least} to ${most} in the tables below`);
  });

  it("shows the measured times of a query", () => {
    const text = encodeCostsTable(JSON.parse(read("bench/results/encode-in-workerd.json")) as EncodeCosts);
    const block = `<!-- encode-in-workerd -->\n\n${text}\n\n<!-- /encode-in-workerd -->`;
    expect(read("docs/sequence-results.md")).toContain(block);
  });
});

describe("the trainings that are compared", () => {
  it.each(COMPARISONS)(
    "of $set with $preset have equal epochs with all samplers, and in both of the full softmax",
    (comparison) => {
      const runs = runsOf(comparison);
      expect(new Set(runs.filter(({ sampler }) => isFull(sampler)).map(({ epochs }) => epochs)).size).toBeLessThan(2);
      expect(new Set(runs.filter(({ sampler }) => !isFull(sampler)).map(({ epochs }) => epochs)).size).toBe(1);
    },
  );

  it("have files of their own", () => {
    const keys = COMPARISONS.flatMap(runsOf).map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("a difference of two ways of training", () => {
  it("is that of paired users for one seed", () => {
    const { mean, halfWidth } = differenceOf([[1, 0, 1, 1]], [[0, 0, 1, 0]]);
    expect(mean).toBe(0.5);
    expect(halfWidth).toBeCloseTo(3.182 * Math.sqrt(1 / 3 / 4), 10);
  });

  it("is that of paired seeds for users who are all alike", () => {
    const seed = (value: number): number[] => new Array(5).fill(value);
    const { mean, halfWidth } = differenceOf([seed(0.3), seed(0.5)], [seed(0.1), seed(0.1)]);
    expect(mean).toBeCloseTo(0.3, 10);
    expect(halfWidth).toBeCloseTo((12.706 * Math.sqrt(0.02)) / Math.SQRT2, 10);
  });

  it("is certain where nothing differs", () => {
    expect(differenceOf([[1, 0]], [[1, 0]])).toEqual({ mean: 0, halfWidth: 0 });
  });

  it("is over sequences, of which one with more items counts more", () => {
    expect(meansOf([1, 0, 1, 1], [3, 1])).toEqual([1, 0.5]);
    expect(meansOf([0.25, 0.5], [1, 1])).toEqual([0.25, 0.5]);
  });

  it("has an interval that covers, over users and seeds that are both chance", () => {
    const [repeats, seeds, users] = [400, 3, 40];
    const values = noise(repeats * (seeds + users + seeds * users), 7);
    let [at, covered] = [0, 0];
    const next = (): number => values[at++] as number;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const ofUsers = Array.from({ length: users }, next);
      const zeros = new Array<number>(users).fill(0);
      const bySeed = Array.from({ length: seeds }, () => {
        const ofSeed = next() / 3;
        return ofUsers.map((ofUser) => ofUser + ofSeed + next());
      });
      const { mean, halfWidth } = differenceOf(bySeed, [zeros, zeros, zeros]);
      covered += Number(Math.abs(mean) <= halfWidth);
    }
    expect(covered / repeats).toBeGreaterThan(0.94);
    expect(covered / repeats).toBeLessThan(1);
  });
});
