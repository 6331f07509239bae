import { beforeAll, describe, expect, it } from "vitest";
import { type Bars, exactBars } from "../../page/draws/bars.ts";
import { variations } from "../../page/draws/estimator.ts";
import { multiIndexProposal, type Proposal, uniformProposal, unigramProposal } from "../../page/draws/proposals.ts";
import { drawRun, MEASURED_DRAWS, meanErrors } from "../../page/draws/runs.ts";
import { drawsNeeded } from "../../page/sampling/draws-needed.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { bias, DIM, ITEM_COUNT, labelledIndex, queryOf } from "./small-example.ts";

let index: MultiIndex;

beforeAll(async () => {
  index = await load(await labelledIndex(), INDEX_LIMITS);
});

describe("the proposals that MIDX is held against", () => {
  it("draw every class uniformly or by its bias, and report the probability", () => {
    const query = queryOf(0);
    const logTotal = Math.log(bias.reduce((sum, value) => sum + Math.exp(value), 0));
    const uniform = uniformProposal(index)(query, 500, 1);
    const unigram = unigramProposal(index)(query, 500, 1);
    for (let i = 0; i < 500; i++) {
      expect(uniform.logQ[i]).toBe(-Math.log(ITEM_COUNT));
      expect(unigram.logQ[i]).toBeCloseTo((bias[unigram.ids[i] as number] as number) - logTotal, 5);
    }
    for (const { ids, scores } of [uniform, unigram]) expect(scores).toEqual(index.score(query, ids));
  });

  it("draw the same for the same seed, and differ from each other", () => {
    const query = queryOf(0);
    for (const propose of [uniformProposal(index), unigramProposal(index)]) {
      expect(propose(query, 50, 3).ids).toEqual(propose(query, 50, 3).ids);
      expect(propose(query, 50, 3).ids).not.toEqual(propose(query, 50, 4).ids);
    }
  });

  it("draw classes as often as they report", () => {
    const { ids, logQ } = unigramProposal(index)(queryOf(0), 10_000, 5);
    const upper = Array.from(ids).filter((id) => (bias[id] as number) > 1).length / ids.length;
    const weights = bias.map(Math.exp);
    const expected =
      weights.reduce((sum, weight, id) => sum + ((bias[id] as number) > 1 ? weight : 0), 0) /
      weights.reduce((a, b) => a + b);
    expect(logQ).toHaveLength(10_000);
    expect(Math.abs(upper - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 10_000));
  });
});

describe("a run of MIDX", () => {
  it("takes as many calls as the limits of the server make of it, each with a seed of its own", () => {
    const query = queryOf(0);
    const { ids, scores, logQ } = multiIndexProposal(index, 0)(query, 10_000, 7);
    const calls = [4096, 4096, 1808].map((count, i) => index.sample(query, count, { scan: 0, seed: 7 + i * 2 ** 32 }));
    expect(ids).toEqual(calls.flatMap((call) => Array.from(call.ids)));
    expect(scores).toEqual(calls.flatMap((call) => Array.from(call.scores)));
    expect(logQ).toEqual(calls.flatMap((call) => Array.from(call.logQ)));
    expect(Array.from(ids).slice(0, 1808)).not.toEqual(Array.from(ids).slice(8192));
  });
});

describe("the bars", () => {
  it("are the most probable classes and the rest, which add up to one", () => {
    const { ids, shares, barOf } = exactBars(index, queryOf(1));
    expect(ids).toEqual(Array.from(index.topK(queryOf(1), 20, { exact: true }).ids));
    expect(shares).toHaveLength(21);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(ids.map(barOf)).toEqual(ids.map((_, bar) => bar));
    expect(barOf(Array.from({ length: 21 }, (_, id) => id).find((id) => !ids.includes(id)) as number)).toBe(20);
  });

  it("have no rest where all classes are shown", async () => {
    const data = Float32Array.from({ length: 12 * DIM }, (_, i) => Math.sin(i));
    const tiny = await load(await build({ data, shape: [12, DIM] }, { bits: 1, seed: 1 }));
    expect(exactBars(tiny, queryOf(0)).shares).toHaveLength(12);
  });
});

describe("the mean errors", () => {
  const runs = (proposals: readonly Proposal[], bars: Bars, seed: number) => [
    ...meanErrors(proposals, queryOf(0), bars, seed),
  ];

  it("begin with the run that is shown, and fall with the draws: MIDX lowest, and with a head lower still", () => {
    const bars = exactBars(index, queryOf(0));
    const proposals = [multiIndexProposal(index, 1024), multiIndexProposal(index, 0), uniformProposal(index)];
    const means = runs(proposals, bars, 1);
    expect(means).toHaveLength(16);
    for (const [i, proposal] of proposals.entries()) {
      const shown = variations(drawRun(proposal, queryOf(0), bars, 1), bars.shares, MEASURED_DRAWS);
      expect(means[0]?.[i]).toEqual(shown);
      expect(means[15]?.[i]).not.toEqual(shown);
      expect(means[15]?.[i]?.at(-1)).toBeLessThan((means[15]?.[i]?.[0] as number) / 2);
    }
    const [head, plain, uniform] = (means[15] as Float64Array[]).map((errors) => errors.at(-1) as number);
    expect(head).toBeLessThan(plain as number);
    expect(plain).toBeLessThan(uniform as number);
  });

  it("show from which number of draws on they are small enough", () => {
    const errors = Float64Array.from(MEASURED_DRAWS, (draws) => 1 / Math.sqrt(draws));
    expect(drawsNeeded(errors, 0.1)).toBe(100);
    expect(drawsNeeded(errors, 0.001)).toBeUndefined();
    expect(drawsNeeded(errors, 2)).toBe(1);
    const dipping = errors.map((error, i) => (i === 3 ? 0 : error));
    expect(drawsNeeded(dipping, 0.1)).toBe(100);
  });
});
