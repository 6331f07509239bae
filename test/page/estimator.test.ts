import { describe, expect, it } from "vitest";
import {
  effectiveDraws,
  sharesOf,
  totalVariation,
  variations,
  type WeightedDraws,
  weigh,
} from "../../page/draws/estimator.ts";

const logits = [0.5, -1, 2, 0, 1.25];
const Z = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
const softmax = Float64Array.from(logits, (logit) => Math.exp(logit) / Z);
const identity = (id: number): number => id;

/** Returns the draws of each class that a proposal of sixteenths expects in 16 draws. */
function enumerated(sixteenths: readonly number[]): WeightedDraws {
  const ids = sixteenths.flatMap((times, id) => new Array<number>(times).fill(id));
  return weigh(
    {
      ids,
      scores: ids.map((id) => logits[id] as number),
      logQ: ids.map((id) => Math.log((sixteenths[id] as number) / 16)),
    },
    identity,
  );
}

describe("the self-normalised estimate", () => {
  it.each([[[4, 4, 4, 2, 2]], [[1, 1, 12, 1, 1]], [[2, 3, 5, 3, 3]]])(
    "is the softmax if each class comes as often as its proposal %j says",
    (sixteenths) => {
      const shares = sharesOf(enumerated(sixteenths), 16, 5);
      for (const [id, share] of shares.entries()) expect(share).toBeCloseTo(softmax[id] as number, 14);
    },
  );

  it("uses the draws so far and no others", () => {
    const draws = { bars: Int32Array.of(0, 1, 1, 2), weights: Float64Array.of(1, 0.5, 0.5, 1) };
    expect([...sharesOf(draws, 1, 3)]).toEqual([1, 0, 0]);
    expect([...sharesOf(draws, 3, 3)]).toEqual([0.5, 0.5, 0]);
    expect([...sharesOf(draws, 4, 3)]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it("adds classes that share a bar", () => {
    const draws = weigh({ ids: [7, 8, 9], scores: [0, 0, 0], logQ: [0, 0, 0] }, (id) => (id === 7 ? 0 : 1));
    expect([...sharesOf(draws, 3, 2)]).toEqual([1 / 3, 2 / 3]);
  });

  it("accepts scores whose exponentials overflow", () => {
    const draws = weigh({ ids: [0, 1], scores: [5000, 5000 + Math.log(3)], logQ: [0, 0] }, identity);
    const [first, second] = sharesOf(draws, 2, 2);
    expect(first).toBeCloseTo(0.25, 12);
    expect(second).toBeCloseTo(0.75, 12);
  });
});

describe("effective draws", () => {
  it("are all draws if weights are equal, and one if a single weight counts", () => {
    const bars = new Int32Array(4);
    expect(effectiveDraws({ bars, weights: Float64Array.of(2, 2, 2, 2) }, 4)).toBe(4);
    expect(effectiveDraws({ bars, weights: Float64Array.of(1, 0, 0, 0) }, 4)).toBe(1);
    expect(effectiveDraws({ bars, weights: Float64Array.of(1, 1, 0, 0) }, 2)).toBe(2);
  });
});

describe("total variation", () => {
  it("is 0 between equal distributions, 1 between disjoint ones, and otherwise the mass to move", () => {
    const p = Float64Array.of(0.5, 0.5, 0);
    expect(totalVariation(p, p)).toBe(0);
    expect(totalVariation(p, Float64Array.of(0, 0, 1))).toBe(1);
    expect(totalVariation(p, Float64Array.of(0.25, 0.5, 0.25))).toBe(0.25);
  });

  it("is measured at each number of draws", () => {
    const draws = { bars: Int32Array.of(0, 1), weights: Float64Array.of(1, 1) };
    expect([...variations(draws, Float64Array.of(0.5, 0.5), [1, 2])]).toEqual([0.5, 0]);
  });
});
