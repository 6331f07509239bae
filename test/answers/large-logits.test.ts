import { describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { open } from "../fixtures/open.ts";
import { indexFile, type TinySpec, tinyIndex } from "../fixtures/tiny-index.ts";
import { randomRows } from "../train/rows.ts";

// Logits of any size, up to the largest that files and queries may have: log Q is that of the masses that draws are
// made with.

const N = 300;
const IDS = Int32Array.from({ length: N }, (_, id) => id);

/** The exponents of the largest value of a query, up to the largest allowed. */
const EXPONENTS = Array.from({ length: 21 }, (_, i) => 2 * i);

/** Up to logits of 2^12, log Q has the rounding of f32, which is 2^-24 of them. Above, it has that of the masses. */
const PROBABILITY_ERROR = 2e-3;

const sumOfProbabilities = (logQ: Float32Array): number => logQ.reduce((sum, log) => sum + Math.exp(log), 0);

/** Checks that log Q is a distribution, that draws come with theirs, and that draws are likely ones. */
function expectDistribution(index: MultiIndex, query: Float32Array, options: object, what: string): void {
  const logQ = index.logQ(query, IDS, options);
  expect(Math.abs(sumOfProbabilities(logQ) - 1), what).toBeLessThan(PROBABILITY_ERROR);
  expect(Math.max(...logQ), what).toBeLessThanOrEqual(1e-3);
  const { ids, logQ: drawn, scores, effectiveSampleSize } = index.sample(query, 60, { ...options, seed: 3 });
  expect(drawn, what).toEqual(Float32Array.from(ids, (id) => logQ[id] as number));
  expect(scores.every(Number.isFinite) && effectiveSampleSize > 0, what).toBe(true);
  // One of 60 draws with less than e^-20 would be suspicious.
  expect(Math.min(...drawn), what).toBeGreaterThan(-20);
}

const SPECS: Record<string, TinySpec> = {
  "rq f32": { itemCount: N, dim: 6, bits: 3, bias: randomRows(N, 1) },
  "pq i8": { itemCount: N, dim: 7, bits: 3, quantizer: "pq", rows: "i8", bias: randomRows(N, 2) },
  "rq f16, no bias": { itemCount: N, dim: 5, bits: 4, rows: "f16" },
  "one group": { itemCount: N, dim: 4, bits: 4, codes: Array.from({ length: N }, (_, id) => id % 16) },
  "large biases": { itemCount: N, dim: 4, bits: 3, bias: randomRows(N, 3).map((value) => value * 2 ** 30) },
  "fine codes": { itemCount: N, dim: 6, bits: 3, fineCodes: true, bias: randomRows(N, 4) },
  "large rows": { itemCount: N, dim: 4, bits: 3, scale: 2 ** 39 },
};

describe.each(Object.entries(SPECS))("%s", (_, spec) => {
  const opening = open(indexFile(tinyIndex(spec)));

  test.each([1, 2 ** -20, 2 ** 20])(
    "log Q are those of a distribution at any magnitude, temperature %s",
    async (temperature) => {
      const { index } = await opening;
      for (const exponent of EXPONENTS) {
        const query = randomRows(spec.dim, 40 + exponent).map((value) => value * 2 ** exponent);
        for (const scan of [0, 5, 40]) {
          expectDistribution(index, query, { scan, temperature }, `2^${exponent}, scan ${scan}`);
        }
        for (const scan of spec.fineCodes ? [0, 20] : []) {
          const options = { proposal: "codes", scan, temperature } as const;
          expectDistribution(index, query, options, `2^${exponent}, codes, scan ${scan}`);
        }
      }
    },
  );

  test("and under a filter", async () => {
    const { index } = await opening;
    const exclude = Array.from({ length: 100 }, (_, i) => 3 * i);
    for (const exponent of EXPONENTS) {
      const query = randomRows(spec.dim, 90 + exponent).map((value) => value * 2 ** exponent);
      expectDistribution(index, query, { scan: 4, exclude }, `2^${exponent}`);
    }
  });
});
