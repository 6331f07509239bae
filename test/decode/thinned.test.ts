import { describe, expect, test } from "vitest";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import { type Open, open } from "../fixtures/open.ts";
import {
  allowing,
  HALF,
  HEADS,
  ITEM_COUNT,
  isInHalf,
  isThin,
  LIMITS,
  NAMES,
  type TakesPart,
} from "../fixtures/thinning-heads.ts";
import { decodeLaw } from "../reference/decode.ts";
import { EVERY, LARGE } from "../run/size.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

// A grammar gives decode another bitmap with every token. Where it leaves many classes, no bucket is weighed for it.

const ALL = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id);
const CERTIFIED = [
  { temperature: 0 },
  { minP: 0.05 },
  { minP: 0.3, temperature: 0.7, topP: 0.9 },
  { topK: 20, minP: 0.01 },
  { topK: 3 },
] satisfies DecodeOptions[];
const SEEN = { history: [3, 17, 17, 4096, 19_999], repetitionPenalty: 1.4, frequencyPenalty: 0.3 };

/** The scores of all classes, −∞ for those outside the bitmap. */
const maskedScores = ({ index }: Open, query: Float32Array, takesPart: TakesPart): Float32Array =>
  index.score(query, ALL).map((score, id) => (takesPart(id) ? score : Number.NEGATIVE_INFINITY));

describe.each(NAMES)("decode under a bitmap of many classes, %s", (name) => {
  const { file, queryOf } = HEADS[name];

  test("keeps the classes of the plain chain, and answers with the bits of the same ids", async () => {
    const one = await open(file, LIMITS);
    let thin = 0;
    for (let row = 0; row < (EVERY ? 6 : 3); row++) {
      const query = queryOf(row);
      const best = new Set(one.index.topK(query, 200, { exact: true }).ids);
      const bitmaps: TakesPart[] = [isInHalf, (id) => id % 400 !== row, (id) => !best.has(id)];
      for (const takesPart of bitmaps) {
        const masked = maskedScores(one, query, takesPart);
        const ids = ALL.filter(takesPart);
        const allowed = allowing(takesPart);
        for (const [i, chain] of CERTIFIED.entries()) {
          const drawn = one.index.decode(query, { ...chain, ...allowed, seed: i });
          thin += isThin(one) ? 1 : 0;
          const law = decodeLaw(masked, chain);
          expect([drawn.kept, drawn.certain, drawn.decided]).toEqual([law.ids.length, true, "bounds"]);
          const probability = law.probabilities[law.ids.indexOf(drawn.id)] as number;
          expect(Math.abs(drawn.logProbability - Math.log(probability))).toBeLessThan(1e-9);
          const { scored: _, ...answer } = drawn;
          expect(one.index.decode(query, { ...chain, allow: ids, seed: i })).toMatchObject(answer);
          const changed = { ...chain, ...SEEN, seed: i };
          const { scored: __, ...penalised } = one.index.decode(query, { ...changed, ...allowed });
          expect(one.index.decode(query, { ...changed, allow: ids })).toMatchObject(penalised);
        }
      }
    }
    expect(thin).toBeGreaterThan(0);
  });

  const CHAINS = [{}, { topP: 0.8 }, { temperature: 0.7 }] satisfies DecodeOptions[];
  test.each(LARGE ? CHAINS : name === "diffuse" ? CHAINS.slice(0, 1) : CHAINS.slice(0, 2))(
    "draws from the law of the plain chain: %j",
    async (chain: DecodeOptions) => {
      const one = await open(file, LIMITS);
      const query = queryOf(1);
      const { ids, probabilities } = decodeLaw(maskedScores(one, query, isInHalf), chain);
      const counts = new Float64Array(ITEM_COUNT);
      const certain = chain.topP !== undefined;
      let thin = 0;
      for (let seed = 0; seed < (LARGE ? 50_000 : 1000); seed++) {
        (counts[one.index.decode(query, { ...chain, ...HALF, certain, seed }).id] as number)++;
        thin += isThin(one) ? 1 : 0;
      }
      const expected = new Float64Array(ITEM_COUNT);
      for (const [i, id] of ids.entries()) expected[id] = probabilities[i] as number;
      const { g, low, high } = goodnessOfFit(counts, expected);
      expect(g).toBeLessThanOrEqual(high);
      expect(g).toBeGreaterThanOrEqual(low);
      if (!certain && name !== "diffuse") expect(thin).toBeGreaterThan(0);
    },
  );

  test("estimates a nucleus near the one of the plain chain", async () => {
    const one = await open(file, LIMITS);
    const chain = { topP: 0.9, temperature: 0.8 };
    for (let row = 0; row < 6; row++) {
      const query = queryOf(row);
      const { ids, probabilities } = decodeLaw(maskedScores(one, query, isInHalf), chain);
      const drawn = one.index.decode(query, { ...chain, ...HALF, seed: row });
      // The masses of the two nuclei differ by at most what is in doubt, so the log-probabilities do.
      const at = ids.indexOf(drawn.id);
      if (at >= 0) expect(Math.abs(drawn.logProbability - Math.log(probabilities[at] as number))).toBeLessThan(0.1);
      else expect(drawn.decided).toBe("estimate");
    }
  });
});

test("decode has the bits that it has on a fresh index, whatever was asked before", async () => {
  const { file, queryOf } = HEADS["clustered, with fine codes"];
  const query = queryOf(2);
  const used = await open(file, LIMITS);
  const seed = 5;
  const calls: ((index: Open["index"]) => unknown)[] = [
    (index) => index.decode(query, { minP: 0.05, ...HALF, seed }),
    (index) => index.decode(query, { topK: 2000, ...HALF, seed }), // reads all rows
    (index) => index.decode(query, { ...HALF, temperature: 2, seed, topLogProbabilities: 3 }),
    (index) => index.predict(query, 5, { ...HALF, scan: 512, seed }),
    (index) => index.decode(query, { temperature: 0, exclude: [1, 2], seed }),
    (index) => index.sample(query, 5, { ...HALF, seed }),
    (index) => index.decode(query, { topP: 0.9, ...HALF, ...SEEN, seed }),
    (index) => index.decode(query, { topP: 0.9, certain: true, ...HALF, seed }),
    (index) => index.topK(query, 5, { ...HALF, exact: true }),
  ];
  for (const i of [0, 1, 0, 3, 1, 3, 2, 5, 2, 4, 6, 7, 6, 8, 3, 0]) {
    const call = calls[i] as (typeof calls)[number];
    expect(call(used.index)).toEqual(call((await open(file, LIMITS)).index));
  }
});
