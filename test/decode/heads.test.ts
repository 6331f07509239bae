import { describe, expect, test, vi } from "vitest";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { halves } from "../fixtures/next-word.ts";
import { type Open, open } from "../fixtures/open.ts";
import { decodeLaw, type ReferenceLaw, totalVariation } from "../reference/decode.ts";
import { LARGE } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";
import { keptLaw } from "./kept-law.ts";

// Kept sets on heads that are too large to be scanned at once, against the plain chain over the scores of all stored rows.

const MAX_K = 512;
/** Rows of 16 bits with fine codes are not scanned at once, so heads are used (certified-top.ts). */
const CODED = { fineCodes: true, rowType: "f16" } as const;

const WORDS = 10_000;
const words = await buildIndex(
  { data: halves("head.safetensors", "weight"), shape: [WORDS, 100] },
  { bias: halves("head.safetensors", "bias"), ...CODED },
);
const contexts = halves("queries.safetensors", "queries");
/** The contexts in a circle: `npm run test:statistics` goes round it several times, each time by others. */
const context = (i: number): Float32Array => {
  const row = i % (contexts.length / 100);
  return contexts.subarray(100 * row, 100 * row + 100);
};

/** Words in clusters, 1,500 of them, for bounds by buckets. */
const CLUSTERS = { itemCount: 1500, dim: 12 };
const centres = randomRows(60 * CLUSTERS.dim, 1);
const clustered = randomRows(CLUSTERS.itemCount * CLUSTERS.dim, 2).map((value, i) => {
  const centre = Math.floor(i / CLUSTERS.dim) % 60;
  return 3 * (centres[centre * CLUSTERS.dim + (i % CLUSTERS.dim)] as number) + 0.1 * value;
});

const CERTAIN: readonly DecodeOptions[] = [
  { minP: 0.05 },
  { minP: 1e-3, temperature: 1.6 },
  { topK: 50 },
  { topK: 50, topP: 0.9 },
  { topK: 200, minP: 0.01 },
  { minP: 0.02, topP: 0.9, temperature: 0.7 },
  { topP: 0.9, certain: true },
  { topP: 0.99, certain: true, temperature: 1.5 },
  { topP: 0.8, topK: 20, order: ["topP", "topK"], certain: true },
  { topP: 0.8, minP: 0.1, order: ["topP", "temperature", "minP"], temperature: 0.5, certain: true },
];

const scoresOf = ({ index }: Open, query: Float32Array): Float32Array =>
  index.score(
    query,
    Int32Array.from({ length: index.info.itemCount }, (_, id) => id),
  );

/** Expects the law of the plain chain, which may end at another class where the rounding of log Z decides that. */
function expectLaw(law: ReferenceLaw, scores: Float32Array, options: DecodeOptions): void {
  const truth = decodeLaw(scores, options);
  const isSame = law.ids.length === truth.ids.length;
  const [least, most] = isSame ? [truth, truth] : [decodeLaw(scores, options, -1e-6), decodeLaw(scores, options, 1e-6)];
  const what = JSON.stringify(options);
  expect(law.ids.length, what).toBeGreaterThanOrEqual(least.ids.length);
  expect(law.ids.length, what).toBeLessThanOrEqual(most.ids.length);
  expect(law.ids, what).toEqual(most.ids.slice(0, law.ids.length));
  const kept = most.probabilities.slice(0, law.ids.length);
  const mass = kept.reduce((sum, p) => sum + p, 0);
  const expected = { ids: law.ids, probabilities: kept.map((p) => p / mass) };
  expect(totalVariation(law, expected), what).toBeLessThan(1e-9);
}

function expectTrueLaw(one: Open, query: Float32Array, options: DecodeOptions): void {
  const { law, answer } = keptLaw(one, query, { ...options, seed: 1 }, MAX_K);
  expectLaw(law, scoresOf(one, query), options);
  const what = JSON.stringify(options);
  expect(answer, what).toMatchObject({ kept: law.ids.length, certain: true, undecided: 0, standardError: 0 });
}

describe("certain kept sets are those of the plain chain", () => {
  test("on a real layer of 10,000 words", async () => {
    const one = await open(words, { maxK: MAX_K, maxScan: 4096 });
    for (let i = 0; i < (LARGE ? 200 : 2); i++) {
      for (const options of CERTAIN) expectTrueLaw(one, context(17 * i), options);
    }
  });

  test("whichever way they are found: by buckets, by fine codes, by 7 bits, by all rows", async () => {
    const taken = { survivors: 0, certifyByCodes: 0, rowsReaching: 0, listPositions: 0 };
    const ways = Object.keys(taken) as (keyof typeof taken)[];
    const shape = [CLUSTERS.itemCount, CLUSTERS.dim] as const;
    const diffuse = randomRows(clustered.length, 9);
    for (const [data, options] of [
      [clustered, { bits: 4 }],
      [diffuse, { bits: 2, fineCodes: true }],
      [diffuse, { bits: 2 }],
    ] as const) {
      const file = await buildIndex({ data, shape }, options);
      const one = await open(file, { maxScan: 4, maxK: MAX_K }, "relaxed");
      const base = await open(file, { maxScan: 4, maxK: MAX_K }, "release");
      for (let i = 0; i < (LARGE ? 12 : 3); i++) {
        const query = randomRows(CLUSTERS.dim, 100 + i).map((value) => 4 * value);
        const spies = ways.map((way) => [way, vi.spyOn(one.opened.kernels, way)] as const);
        for (const chain of [{ minP: 0.3 }, { topK: 30, minP: 0.02 }, { minP: 1e-12 }])
          expectTrueLaw(one, query, chain);
        for (const chain of [...CERTAIN, { topP: 0.9 }, {}]) {
          const asked = { ...chain, seed: i };
          expect(one.index.decode(query, asked), "the two builds of kernels").toEqual(base.index.decode(query, asked));
        }
        for (const [way, spy] of spies) {
          taken[way] += spy.mock.calls.length;
          spy.mockRestore();
        }
      }
    }
    for (const way of ways) expect(taken[way], way).toBeGreaterThan(0);
  });
});

describe("a nucleus by the estimate", () => {
  test.each([0.7, 1])("is close to the true one, at temperature %d", async (temperature) => {
    const one = await open(words, { maxK: MAX_K, maxScan: 4096 });
    const distances: number[] = [];
    let estimates = 0;
    for (let i = 0; i < (LARGE ? 1000 : 12); i++) {
      const query = context(51 * i);
      for (const topP of [0.9, 0.95]) {
        const { law, answer } = keptLaw(one, query, { topP, temperature, seed: i }, MAX_K);
        const scores = scoresOf(one, query);
        distances.push(totalVariation(law, decodeLaw(scores, { topP, temperature })));
        expect(answer).toMatchObject({ kept: law.ids.length, certain: answer.decided === "exact" });
        if (answer.decided === "estimate") estimates++;
        else expectLaw(law, scores, { topP, temperature });
      }
    }
    expect(estimates).toBeGreaterThan(distances.length / 8);
    distances.sort((a, b) => a - b);
    expect(distances.reduce((sum, distance) => sum + distance, 0) / distances.length).toBeLessThanOrEqual(0.01);
    expect(distances[Math.floor(0.9 * distances.length)]).toBeLessThanOrEqual(0.03);
  });

  test("is not believed where draws of the tail are in the nucleus", async () => {
    const plain = await buildIndex(
      { data: halves("head.safetensors", "weight"), shape: [WORDS, 100] },
      { bias: halves("head.safetensors", "bias") },
    );
    for (const maxScan of LARGE ? [64, 256] : [64]) {
      const one = await open(plain, { maxK: MAX_K, maxScan });
      const distances: number[] = [];
      for (let i = 0; i < 40; i++) {
        const query = context(51 * i);
        const { law, answer } = keptLaw(one, query, { topP: 0.9, targetError: 0.2, seed: i }, MAX_K);
        if (answer.decided === "exact") continue;
        distances.push(totalVariation(law, decodeLaw(scoresOf(one, query), { topP: 0.9 })));
      }
      expect(distances.length).toBeGreaterThan(5);
      expect(Math.max(...distances)).toBeLessThan(0.08);
    }
  });

  test("is close to the true one where the temperature comes last, and the draw is from a hotter law", async () => {
    const one = await open(words, { maxK: MAX_K, maxScan: 4096 });
    const distances: number[] = [];
    for (let i = 0; i < 40; i++) {
      const query = context(51 * i);
      const options = { topP: 0.9, temperature: 3, order: ["topP", "temperature"] } as const;
      const { law, answer } = keptLaw(one, query, { ...options, seed: i }, MAX_K);
      const scores = scoresOf(one, query);
      if (answer.decided === "exact") expectLaw(law, scores, options);
      else distances.push(totalVariation(law, decodeLaw(scores, options)));
    }
    expect(distances.length).toBeGreaterThan(3);
    expect(Math.max(...distances)).toBeLessThan(0.06);
  });

  test("says how much the bar leaves open, and asks for more work where less may be open", async () => {
    const one = await open(words, { maxK: MAX_K, maxScan: 4096 });
    const answers = [0, 0.01, 0.2].map((targetError) =>
      Array.from({ length: 20 }, (_, i) => one.index.decode(context(100 * i), { topP: 0.95, targetError, seed: i })),
    );
    const [least, middle, most] = answers.map((some) => some.reduce((sum, { scored }) => sum + scored, 0));
    expect(least).toBeGreaterThan(middle as number);
    expect(middle).toBeGreaterThan(most as number);
    // Nothing may be open: either the nucleus ends at the same class within a standard error, or all rows are scored.
    for (const answer of answers[0] ?? []) if (answer.decided === "exact") expect(answer.standardError).toBe(0);
    expect(answers.flat().some(({ undecided }) => undecided > 0)).toBe(true);
    expect(answers.flat().every(({ undecided, certain }) => !certain || undecided === 0)).toBe(true);
  });
});
