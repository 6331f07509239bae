import { describe, expect, test } from "vitest";
import { logWeights } from "../../src/answers/log-weights.ts";
import { anyQuery, biases } from "../fixtures/index-cases.ts";
import { describeKernels } from "../fixtures/kernels.ts";
import { keyedSampler, startClocks } from "../fixtures/keyed-sampler.ts";
import { describeBuilds } from "../fixtures/opened.ts";
import { openExact, scoresOf } from "../fixtures/opened-exact.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { LARGE } from "../run/size.ts";

const NONE = Number.NEGATIVE_INFINITY;

describeKernels("logWeights", (kernels) => {
  test("is the logit minus the log of the probability to exceed the threshold", () => {
    for (let logRate = -700; logRate <= 8; logRate += 0.37) {
      for (const threshold of [-300, 0, 12.5]) {
        const logMass = threshold + logRate;
        const [weight = 0] = logWeights(kernels, Float64Array.of(2.5), Float64Array.of(logMass), threshold);
        const expected = 2.5 - Math.log(-Math.expm1(-Math.exp(logMass - threshold)));
        // 1 − e^−y loses 2^-53 / y to cancellation. The series is used below y = .01.
        expect(Math.abs(weight - expected)).toBeLessThan(3e-14 + 2 ** -50 * Math.abs(expected));
      }
    }
  });

  test("is the logit if every class was taken, or if the mass is far above the threshold", () => {
    const logits = Float64Array.of(-3, 0, 700);
    expect(logWeights(kernels, logits, logits, NONE)).toEqual(logits);
    expect(logWeights(kernels, logits, Float64Array.of(50, 60, 700), 0)).toEqual(logits);
  });

  test("is finite if e to the rate is not", () => {
    for (const logRate of [-701, -745, -746, -(2 ** 40), -(2 ** 100)]) {
      expect(logWeights(kernels, Float64Array.of(2.5), Float64Array.of(logRate), 0)).toEqual(
        Float64Array.of(2.5 - logRate),
      );
    }
  });

  test("is empty without classes", () => {
    expect(logWeights(kernels, new Float64Array(0), new Float64Array(0), 0)).toEqual(new Float64Array(0));
  });
});

const INDEX = tinyIndex({ itemCount: 24, dim: 3, bits: 1, bias: biases(24, 61).map((bias) => bias / 2), seed: 61 });
const SEEDS = LARGE ? 30_000 : 2500;

describeBuilds("weights of a sample without replacement", (modules) => {
  describe.each([
    { masses: "the envelope's", isExact: true },
    { masses: "the proposal's", isExact: false },
  ])("by $masses masses", ({ isExact }) => {
    test.each([
      { k: 1, scan: 0, arrivals: 2 ** 24 },
      { k: 3, scan: 0, arrivals: 4 },
      { k: 3, scan: 8, arrivals: 2 ** 24 },
      { k: 10, scan: 8, arrivals: 6 },
    ])(
      "add up to Z, and by class to e^logit, on average: k $k, scan $scan, $arrivals arrivals",
      async ({ k, scan, arrivals }) => {
        const opened = await openExact(modules, INDEX, { temperature: 1.2, excluded: new Set([2, 9, 23]) });
        const { index } = opened;
        const logMasses = startClocks(opened, anyQuery(INDEX, 62, 0.8), scan, isExact);
        const logits = new Float64Array(24).fill(NONE);
        for (const [position, score] of scoresOf(opened).entries()) {
          if (!index.excluded.has(position)) logits[index.ids[position] as number] = score * index.inverseTemperature;
        }
        const sampler = keyedSampler(opened, { keyCount: k + 1, isExact, arrivals });
        const total = { sum: 0, squares: 0 };
        const byClass = Array.from(logits, () => ({ sum: 0, squares: 0 }));
        const add = (moments: { sum: number; squares: number }, value: number): void => {
          moments.sum += value;
          moments.squares += value * value;
        };
        for (let seed = 0; seed < SEEDS; seed++) {
          const { ids, keys } = sampler(BigInt(seed));
          const chosen = ids.slice(0, k);
          const of = (values: Float64Array): Float64Array => Float64Array.from(chosen, (id) => values[id] as number);
          const weights = logWeights(opened.kernels, of(logits), of(logMasses), keys[k] as number).map(Math.exp);
          add(
            total,
            weights.reduce((sum, weight) => sum + weight, 0),
          );
          for (const [i, id] of chosen.entries()) add(byClass[id] as typeof total, weights[i] as number);
        }
        expectMean(
          total,
          logits.reduce((sum, logit) => sum + Math.exp(logit), 0),
        );
        for (const [id, moments] of byClass.entries()) expectMean(moments, Math.exp(logits[id] as number));
      },
    );
  });
});

/** Expects the mean within 5 standard errors, which the sample itself gives. */
function expectMean({ sum, squares }: { sum: number; squares: number }, expected: number): void {
  const mean = sum / SEEDS;
  const standardError = Math.sqrt(Math.max(0, squares / SEEDS - mean * mean) / SEEDS);
  expect(Math.abs(mean - expected)).toBeLessThanOrEqual(5 * standardError);
}
