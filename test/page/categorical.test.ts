import { describe, expect, it } from "vitest";
import { Categorical } from "../../page/draws/categorical.ts";
import { normalVector, seededRandom } from "../../page/draws/random.ts";

describe("a categorical distribution", () => {
  it("gives each class the part of [0, 1) that is its probability", () => {
    const weights = [1, 2, 0, 4, 1];
    const categorical = new Categorical(Float32Array.from(weights, Math.log));
    const counts = new Array<number>(weights.length).fill(0);
    for (let i = 0; i < 8000; i++) {
      const id = categorical.at((i + 0.5) / 8000);
      counts[id] = (counts[id] as number) + 1;
    }
    expect(counts).toEqual(weights.map((weight) => weight * 1000));
  });

  it("gives the first and the last class the ends", () => {
    const categorical = new Categorical(Float32Array.of(0, 0, 0));
    expect(categorical.at(0)).toBe(0);
    expect(categorical.at(1 - 2 ** -53)).toBe(2);
  });

  it("never gives a class without weight, not even at the ends", () => {
    const categorical = new Categorical(Float32Array.of(Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY));
    expect([0, 0.5, 1 - 2 ** -53].map((u) => categorical.at(u))).toEqual([1, 1, 1]);
  });

  it("reports the log-probabilities it draws with, for logits of any size", () => {
    for (const shift of [0, 3000, -3000]) {
      const categorical = new Categorical(Float32Array.of(shift, shift + 1, shift - 2));
      const total = 1 + Math.E + Math.exp(-2);
      for (const [id, weight] of [1, Math.E, Math.exp(-2)].entries()) {
        expect(categorical.logProbability(id)).toBeCloseTo(Math.log(weight / total), 10);
      }
    }
  });
});

describe("seeded numbers", () => {
  it("are the same for a seed, and others for another", () => {
    const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
    expect(take(0)).not.toEqual(take(-1));
  });

  it("fill [0, 1) evenly", () => {
    const random = seededRandom(1);
    const counts = new Array<number>(20).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const bin = Math.floor(20 * random());
      counts[bin] = (counts[bin] as number) + 1;
    }
    const chiSquare = counts.reduce((sum, seen) => sum + (seen - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(43.8); // 19 degrees of freedom, 1 in 1,000
  });

  it("make normal vectors of mean 0 and variance 1", () => {
    const values = normalVector(10_000, 3);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.04);
    expect(Math.abs(variance - 1)).toBeLessThan(0.06);
  });
});
