import { expect, test } from "vitest";
import { sampleRows } from "../../src/train/random/sample-rows.ts";
import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";

const draw = (weights: ArrayLike<number>, expectedRows: number, seed: number) =>
  sampleRows(weights, expectedRows, uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 0, restart: 0 }));

/** Makes a few heavy rows, many light ones and some of weight 0. */
const weights = Float64Array.from({ length: 500 }, (_, i) => (i % 10 === 9 ? 0 : 100 / (1 + i)));

test("all rows of positive weight are taken, with their weight, when they are no more than expected", () => {
  expect(draw([2, 0, 3], 2, 1)).toEqual({ ids: Uint32Array.of(0, 2), weights: Float64Array.of(2, 3) });
  expect(draw([], 5, 1)).toEqual({ ids: new Uint32Array(0), weights: new Float64Array(0) });
});

test("rows count as equal when no weight is positive", () => {
  expect(draw([0, 0, 0], 3, 1)).toEqual({ ids: Uint32Array.of(0, 1, 2), weights: Float64Array.of(1, 1, 1) });
});

test("heavy rows are always in with their own weight, light ones share one weight, rows of weight 0 never come", () => {
  for (let seed = 0; seed < 50; seed++) {
    const { ids, weights: carried } = draw(weights, 60, seed);
    const light = new Set<number>();
    ids.forEach((id, i) => {
      expect(weights[id]).toBeGreaterThan(0);
      if (carried[i] !== weights[id]) light.add(carried[i] as number);
    });
    expect(ids.slice(0, 9)).toEqual(Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8));
    expect(light.size).toBe(1);
    expect(Math.max(...light)).toBeGreaterThan(weights[499 - 1] as number);
    expect(ids).toEqual(ids.slice().sort());
  }
});

test("sums over the sample are unbiased and its size is the expected one", () => {
  const seeds = 2000;
  const value = (i: number): number => 1 + ((i * 7) % 13);
  const exact = weights.reduce((sum, weight, i) => sum + weight * value(i), 0);
  const sums: number[] = [];
  const sizes: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { ids, weights: carried } = draw(weights, 60, seed);
    sums.push(ids.reduce((sum, id, i) => sum + (carried[i] as number) * value(id), 0));
    sizes.push(ids.length);
  }
  const mean = (list: number[]): number => list.reduce((sum, x) => sum + x, 0) / seeds;
  const standardError = (list: number[]): number => {
    const center = mean(list);
    return Math.sqrt(list.reduce((sum, x) => sum + (x - center) ** 2, 0) / seeds / seeds);
  };
  expect(Math.abs(mean(sums) - exact)).toBeLessThan(4 * standardError(sums));
  expect(Math.abs(mean(sizes) - 60)).toBeLessThan(4 * standardError(sizes));
});
