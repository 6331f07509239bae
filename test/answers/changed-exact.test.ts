import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { changedSoftmax } from "../fixtures/changed-cases.ts";
import type { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { LARGE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

// Exact answers under changed logits by every way that they take: with heads so small that bounds, codes, seven bits and
// envelopes answer for a few hundred classes, as they do for many with the heads of a real index.

const N = 1500;
const IDS = Array.from({ length: N }, (_, id) => id);
const LIMITS = { maxScan: 16, maxK: N, maxDraws: 1 << 14, maxChanged: N };

const KINDS: readonly {
  readonly name: string;
  readonly rowType: "i8" | "f16" | "f32";
  readonly fineCodes: boolean;
  readonly kernels: keyof typeof BUILDS;
}[] = [
  { name: "i8", rowType: "i8", fineCodes: false, kernels: "release" },
  { name: "i8, relaxed kernels", rowType: "i8", fineCodes: false, kernels: "relaxed" },
  { name: "i8 with fine codes", rowType: "i8", fineCodes: true, kernels: "debug" },
  { name: "f16 with fine codes", rowType: "f16", fineCodes: true, kernels: "release" },
  { name: "f32", rowType: "f32", fineCodes: false, kernels: "release" },
];

const few = IDS.filter((id) => id % 100 === 7);
const CHANGES: readonly (readonly [string, ConditionOptions])[] = [
  ["a bias that lifts", { bias: { ids: few, values: few.map(() => 4) } }],
  [
    "a history, T = .6",
    { history: [...few, ...IDS.slice(0, 700)], repetitionPenalty: 1.5, frequencyPenalty: 0.3, temperature: 0.6 },
  ],
  ["nearly all", { history: IDS.slice(3), presencePenalty: -1, exclude: [9, 10] }],
];

describe.each(KINDS)("exact answers of small heads under changed logits: $name", ({ kernels, rowType, fineCodes }) => {
  const opening = (async () => {
    const vectors = rawVectors(N, 6, 5);
    const file = await buildIndex(vectors, { rowType, fineCodes, bias: vectors.bias, bits: 4, seed: 2 });
    return { index: (await open(file, LIMITS, kernels)).index, queries: vectors.queries };
  })();

  test.each(CHANGES)("are the best classes: %s", async (_, options) => {
    const { index, queries } = await opening;
    for (const query of queries) {
      const { scores } = changedSoftmax(index, query, options);
      const best = IDS.filter((id) => scores[id] !== Number.NEGATIVE_INFINITY).sort(
        (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
      );
      for (const k of [1, 10, 300]) {
        const top = index.topK(query, k, { ...options, exact: true });
        expect(Array.from(top.ids)).toEqual(best.slice(0, k));
        expect(top.scores).toEqual(Float32Array.from(top.ids, (id) => scores[id] as number));
      }
    }
  });

  test.each(CHANGES)("are draws of the softmax: %s", async (_, options) => {
    const { index, queries } = await opening;
    for (const query of inTurn(queries, LARGE ? 1 : 2)) {
      const { scores, probabilities } = changedSoftmax(index, query, options);
      // Few draws are made by rejection, and many from a scan.
      const counts = new Float64Array(N);
      for (let seed = 0; seed < (LARGE ? 40 : 20); seed++) {
        for (const draws of [20, 400]) {
          const drawn = index.sample(query, draws, { ...options, exact: true, seed });
          for (const [i, id] of drawn.ids.entries()) {
            (counts[id] as number)++;
            if (drawn.scores[i] !== scores[id]) expect.unreachable(`the score of class ${id}`);
          }
        }
      }
      const { g, high } = goodnessOfFit(counts, probabilities);
      expect(g).toBeLessThanOrEqual(high + 1e-6);
    }
  });

  test.each(CHANGES)("are distinct draws whose weights are unbiased: %s", async (_, options) => {
    const { index, queries } = await opening;
    const SEEDS = LARGE ? 200 : 80;
    for (const query of inTurn(queries, LARGE ? 1 : 2)) {
      const { scores, logZ } = changedSoftmax(index, query, options);
      for (const way of [{ exact: true }, { scan: 16 }]) {
        const ratios = Array.from({ length: SEEDS }, (_, seed) => {
          const drawn = index.sampleTopK(query, 20, { ...options, ...way, seed });
          expect(new Set(drawn.ids).size).toBe(20);
          expect(drawn.scores).toEqual(Float32Array.from(drawn.ids, (id) => scores[id] as number));
          return Math.exp(logSumExp(drawn.logWeights) - logZ);
        });
        const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / SEEDS;
        const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (SEEDS - 1);
        expect(Math.abs(mean - 1)).toBeLessThan(4.9 * Math.sqrt(variance / SEEDS) + 1e-5);
      }
    }
  });
});
