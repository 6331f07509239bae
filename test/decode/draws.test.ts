import { describe, expect, test } from "vitest";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { decodeLaw } from "../reference/decode.ts";
import { LARGE } from "../run/size.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";

// Many seeds against the law of the plain chain. Seeds are fixed, so nothing here depends on chance.

const [ITEM_COUNT, DIM] = [3000, 6];
const centres = randomRows(150 * DIM, 1);
const data = randomRows(ITEM_COUNT * DIM, 2).map((value, i) => {
  const centre = Math.floor(i / DIM) % 150;
  return 2 * (centres[centre * DIM + (i % DIM)] as number) + 0.05 * value;
});
const bias = randomRows(ITEM_COUNT, 3).map((value) => 2 * value);
const query = randomRows(DIM, 4).map((value) => 1.5 * value);
const { index } = await open(await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bias, bits: 4 }), { maxScan: 64 });
const scores = index.score(
  query,
  Int32Array.from({ length: ITEM_COUNT }, (_, id) => id),
);

const CALLS = LARGE ? 200_000 : 1500;

describe("draws follow the law of the plain chain", () => {
  const CHAINS: readonly DecodeOptions[] = [
    { topK: 40 },
    { minP: 0.2, temperature: 0.8 },
    { topK: 60, topP: 0.9, temperature: 1.5 },
    { minP: 0.02, topP: 0.95, order: ["topP", "temperature", "minP"], temperature: 2, certain: true },
    { topP: 0.7, certain: true },
    {},
    { temperature: 1.3, certain: true },
  ];
  test.each(LARGE ? CHAINS : CHAINS.filter(({ order }) => !order))("%j", (options: DecodeOptions) => {
    const { ids, probabilities } = decodeLaw(scores, options);
    const counts = new Float64Array(ITEM_COUNT);
    for (let seed = 0; seed < CALLS; seed++) (counts[index.decode(query, { ...options, seed }).id] as number)++;
    const expected = new Float64Array(ITEM_COUNT);
    for (const [i, id] of ids.entries()) expected[id] = probabilities[i] as number;
    const { g, low, high } = goodnessOfFit(counts, expected);
    expect(g).toBeLessThanOrEqual(high);
    expect(g).toBeGreaterThanOrEqual(low);
  });
});

test("the next draw is another one, and a seed repeats it", () => {
  const drawn = Array.from({ length: 50 }, () => index.decode(query, { topK: 40 }));
  expect(new Set(drawn.map(({ id }) => id)).size).toBeGreaterThan(5);
  for (const answer of drawn) expect(index.decode(query, { topK: 40, seed: answer.seed })).toEqual(answer);
});

test("a mask of 100,000 words leaves out what it bans", async () => {
  const [words, dim] = [100_000, 4];
  const rows = randomRows(words * dim, 5).map((value) => 3 * value);
  const one = await open(await buildIndex({ data: rows, shape: [words, dim] }, { bits: 5 }));
  const all = one.index.score(
    query.subarray(0, dim),
    Int32Array.from({ length: words }, (_, id) => id),
  );
  for (const keepsOneOf of [2, 1000, 33_333]) {
    const bitmap = new Uint8Array(words / 8);
    for (let id = 1; id < words; id += keepsOneOf) (bitmap[id >> 3] as number) |= 1 << (id & 7);
    const masked = all.map((score, id) => (id % keepsOneOf === 1 % keepsOneOf ? score : Number.NEGATIVE_INFINITY));
    for (const options of [{ minP: 0.1 }, { topK: 20 }, { topP: 0.5, certain: true }] satisfies DecodeOptions[]) {
      const { ids, probabilities } = decodeLaw(masked, options);
      for (let seed = 0; seed < 5; seed++) {
        const drawn = one.index.decode(query.subarray(0, dim), { ...options, allow: { bitmap }, seed });
        expect(drawn.kept).toBe(ids.length);
        const probability = probabilities[ids.indexOf(drawn.id)] as number;
        expect(Math.abs(drawn.logProbability - Math.log(probability))).toBeLessThan(1e-9);
      }
    }
    expect(one.index.decode(query.subarray(0, dim), { temperature: 0, allow: { bitmap } }).id).toBe(
      decodeLaw(masked, { temperature: 0 }).ids[0],
    );
  }
});

describe("temperatures", () => {
  test("0 is the best class with certainty, whatever the truncations are", () => {
    const [best] = decodeLaw(scores, { temperature: 0 }).ids;
    for (const options of [{}, { topP: 0.9 }, { topK: 5, minP: 0.1 }, { order: ["topK"] }] satisfies DecodeOptions[]) {
      expect(index.decode(query, { ...options, temperature: 0, seed: 2 })).toMatchObject({
        ...{ id: best, score: scores[best as number], logProbability: 0, kept: 1, certain: true, decided: "bounds" },
      });
    }
  });

  test.each([2 ** -20, 1e-3, 1e3, 2 ** 20])("of %d give the law of the plain chain", (temperature) => {
    for (const chain of [{ minP: 0.5 }, { minP: 0.999 }, { topK: 9 }, { topP: 0.3, certain: true }] as const) {
      const { ids, probabilities } = decodeLaw(scores, { ...chain, temperature });
      const drawn = index.decode(query, { ...chain, temperature, seed: 3 });
      // Where nearly all classes are alike, the rounding of log Z moves the end of the nucleus.
      expect(Math.abs(drawn.kept - ids.length)).toBeLessThanOrEqual("topP" in chain ? 1 : 0);
      const logP = Math.log(probabilities[ids.indexOf(drawn.id)] as number);
      expect(Math.abs(drawn.logProbability - logP)).toBeLessThan(drawn.kept === ids.length ? 1e-9 : 2 / ids.length);
    }
  });
});
