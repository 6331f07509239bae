import { describe, expect, test, vi } from "vitest";
import { PURPOSE_DECODE } from "../../src/abi.ts";
import { uniforms } from "../../src/answers/uniforms.ts";
import type { DecodeOptions, DecodeStep } from "../../src/decode/decode-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type Open, open } from "../fixtures/open.ts";
import { halfOfSmallIndexes, type SmallIndex } from "../fixtures/small-indexes.ts";
import { decodeLaw, type ReferenceLaw } from "../reference/decode.ts";
import { inTurn } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";

const indexes = await halfOfSmallIndexes(0);
const FILLED = indexes.filter(({ itemCount }) => itemCount > 0);

/** Every order of the three truncations, with the temperature first, last and nowhere. */
const ORDERS: readonly (readonly DecodeStep[] | undefined)[] = [
  undefined,
  ["minP", "topK", "topP"],
  ["minP", "topP", "topK"],
  ["topK", "minP", "topP"],
  ["topK", "topP", "minP", "temperature"],
  ["topP", "minP", "temperature", "topK"],
  ["topP", "temperature", "topK", "minP"],
  ["temperature", "topP", "topK", "minP"],
];

/** Every combination of the truncations, strong and weak. */
const CHAINS: readonly DecodeOptions[] = [
  { temperature: 0 },
  { topK: 1 },
  { topK: 5 },
  { minP: 1 },
  { minP: 0.3 },
  { minP: 1e-9 },
  { topP: 0.5 },
  { topP: 0.95 },
  { topP: 1e-300 },
  { topK: 7, topP: 0.8 },
  { topK: 3, minP: 0.01 },
  { minP: 0.02, topP: 0.7 },
  { topK: 12, minP: 0.001, topP: 0.9 },
  { topK: 50, minP: 0.4, topP: 0.9 },
  { topK: 2, minP: 1e-3, topP: 0.5 },
  { topK: 10_000 },
];

const TEMPERATURES = [1, 0.6, 3.7];

test("a nucleus by an estimate without a finite bar is that of the estimate, where any bar will do", async () => {
  const [count, dim] = [3000, 8]; // fewer would all be read
  const file = await buildIndex(
    { data: randomRows(count * dim, 5), shape: [count, dim] },
    { seed: 1, calibrate: "off" },
  );
  const { index } = await open(file, { maxScan: 16, maxDraws: 1 });
  const query = randomRows(dim, 6).map((value) => value / 10);
  const kept = (targetError: number): number => index.decode(query, { topP: 0.99, targetError, seed: 1 }).kept;
  expect(index.logPartition(query, { seed: 1 }).standardError).toBe(Number.POSITIVE_INFINITY);
  expect(kept(Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(16);
});

/** What rounding of log Z can do to the share at which a nucleus ends. */
const SLACK = 1e-6;

/** Everything but what is filtered out, in float64. */
function scoresOf({ index }: Open, query: Float32Array, isOut: (id: number) => boolean): Float64Array {
  const ids = Array.from({ length: index.info.itemCount }, (_, id) => id);
  return Float64Array.from(index.score(query, ids), (score, id) => (isOut(id) ? Number.NEGATIVE_INFINITY : score));
}

/** The class at a share of the law, and how far the share is from those of others. */
function classAt({ ids, probabilities }: ReferenceLaw, share: number): { id: number; distance: number } {
  let before = 0;
  for (const [i, id] of ids.entries()) {
    const end = before + (probabilities[i] as number);
    if (share < end || i === ids.length - 1) {
      return { id, distance: Math.min(share - before, i < ids.length - 1 ? end - share : 1) };
    }
    before = end;
  }
  throw new Error("a law expected a class");
}

describe.each(FILLED)("decode, $name", (small: SmallIndex) => {
  test("draws from the law of the plain chain, in every order and combination", async () => {
    const one = await open(small.file);
    let seed = small.itemCount;
    for (const query of inTurn(small.queries, 2)) {
      const isOut = (id: number): boolean => small.itemCount > 3 && id % 5 === 2;
      const exclude = Array.from({ length: small.itemCount }, (_, id) => id).filter(isOut);
      const scores = scoresOf(one, query, isOut);
      for (const order of ORDERS) {
        for (const chain of CHAINS) {
          const temperature = chain.temperature ?? (TEMPERATURES[seed % 3] as number);
          const options: DecodeOptions = {
            ...chain,
            ...(order && { order }),
            temperature,
            exclude,
            certain: seed % 2 === 0,
          };
          const drawn = one.index.decode(query, { ...options, seed: seed++ });
          const what = JSON.stringify({ ...options, exclude: undefined });
          const [least, most] = [decodeLaw(scores, options, -SLACK), decodeLaw(scores, options, SLACK)];
          expect(drawn.kept, what).toBeGreaterThanOrEqual(least.ids.length);
          expect(drawn.kept, what).toBeLessThanOrEqual(most.ids.length);
          expect(drawn, what).toMatchObject({ certain: true, undecided: 0, standardError: 0 });
          // The law of the number of classes that were kept, which rounding may have decided.
          const law = drawn.kept === most.ids.length ? most : least;
          expect(law.ids.length, what).toBe(drawn.kept);
          const place = law.ids.indexOf(drawn.id);
          expect(place, what).toBeGreaterThanOrEqual(0);
          expect(drawn.score, what).toBe(scores[drawn.id]);
          const logP = Math.log(law.probabilities[place] as number);
          const size = Math.abs(drawn.score) / (temperature || 1);
          if (isTruncated(drawn.kept, scores)) {
            expect(Math.abs(drawn.logProbability - logP), what).toBeLessThanOrEqual(1e-12 * (1 + size));
            const { id, distance } = classAt(law, uniforms(one.opened, drawn.seed, PURPOSE_DECODE)(0));
            if (distance > 1e-12) expect(drawn.id, what).toBe(id);
          } else expect(Math.abs(drawn.logProbability - logP), what).toBeLessThanOrEqual(1e-5 + 2 ** -20 * size);
        }
      }
    }
  });
});

const isTruncated = (kept: number, scores: Float64Array): boolean => kept < scores.filter(Number.isFinite).length;

test("log-probabilities before truncation are those of predict", async () => {
  for (const small of inTurn(FILLED, 4)) {
    const { index } = await open(small.file);
    for (const query of small.queries) {
      const options = { temperature: 0.8, exclude: small.itemCount > 1 ? [0] : [] };
      const predicted = index.predict(query, 4, { ...options, seed: 3 });
      const { id, top } = index.decode(query, { ...options, seed: 3, topK: 2, topLogProbabilities: 4 });
      expect(top?.ids).toEqual(predicted.ids);
      const scores = Float64Array.from(predicted.scores, (score) => score * Math.fround(1 / 0.8));
      expect(top?.logProbabilities).toEqual(scores.map((score) => score - predicted.logPartition));
      expect(top?.logProbability).toBe(top?.logProbabilities[top.ids.indexOf(id)]);
      const greedy = index.decode(query, { temperature: 0, topLogProbabilities: 1, certain: true });
      expect(greedy.top?.ids).toEqual(Int32Array.of(greedy.id));
      const all = Array.from({ length: small.itemCount }, (_, i) => i);
      const size = Math.abs(greedy.score);
      const logP = greedy.score - logSumExp(index.score(query, all));
      expect(Math.abs((greedy.top?.logProbability as number) - logP)).toBeLessThanOrEqual(1e-5 + 2 ** -20 * size);
    }
  }
});

test("a class that is drawn without truncation is that of sample with exact, and no bucket is weighed for few allowed", async () => {
  const data = randomRows(30_000 * 2, 5);
  const { index, opened } = await open(await buildIndex({ data, shape: [30_000, 2] }, { bits: 4, seed: 1 }), {
    maxScan: 4096,
  });
  const query = Float32Array.of(1, -0.5);
  const allow = Array.from({ length: 3000 }, (_, i) => 7 * i);
  const weigh = vi.spyOn(opened.conditions, "weigh");
  for (const conditions of [{ allow }, { allow, exclude: [7] }, {}]) {
    for (const seed of [1, 2, 3]) {
      const { id } = index.decode(query, { ...conditions, seed });
      expect(index.sample(query, 1, { ...conditions, exact: true, seed }).ids[0]).toBe(id);
    }
    expect(weigh.mock.calls.length > 0).toBe(!("allow" in conditions));
  }
});

test("a batch gives the bits of single calls", async () => {
  for (const { file, queries, dim, itemCount } of inTurn(FILLED, 4)) {
    const { index } = await open(file, { maxScan: Math.ceil(itemCount / 4) });
    const together = new Float32Array(queries.length * dim);
    for (const [i, query] of queries.entries()) together.set(query, i * dim);
    for (const options of [{ minP: 0.1 }, { topP: 0.9 }, { topK: 3 }, {}, { temperature: 0 }]) {
      const singles = queries.map((query) => index.decode(query, { ...options, seed: 5 }));
      expect(index.decode(together, { ...options, seed: 5, batch: queries.length })).toEqual(singles);
    }
  }
});
