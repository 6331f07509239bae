import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { Mixture } from "../../src/answers/recommend-options.ts";
import { build } from "../../src/train/index.ts";
import { anyQuery, biases, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { open } from "../fixtures/open.ts";
import { smallIndexes } from "../fixtures/small-indexes.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";
import { LARGE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { mixtureLogQ } from "../statistics/mixture-law.ts";
import { randomRows } from "../train/rows.ts";

const MIXTURES: readonly Mixture[] = [
  { uniform: 0.3 },
  { uniform: 1 },
  { popularity: { share: 0.4 } },
  { popularity: { share: 1, power: 0.5 } },
  { uniform: 0.1, popularity: { share: 0.2, power: 3 } },
  { uniform: 0.5, popularity: { share: 0.5, power: 0 } },
  { uniform: 0, popularity: { share: 0.25, power: 0.3 } },
];

interface Condition {
  readonly options: ConditionOptions;
  readonly takesPart: (id: number) => boolean;
}

const conditionsOf = (ids: readonly number[]): Condition[] => [
  { options: {}, takesPart: () => true },
  { options: { temperature: 0.6, exclude: ids.filter((id) => id % 7 === 2) }, takesPart: (id) => id % 7 !== 2 },
  { options: { allow: ids.filter((id) => id % 3 === 0) }, takesPart: (id) => id % 3 === 0 },
  {
    options: {
      bias: { ids: ids.slice(0, 2), values: [3, Number.NEGATIVE_INFINITY].slice(0, ids.length) },
      exclude: [5 % ids.length],
    },
    takesPart: (id) => id !== 1 && id !== 5 % ids.length,
  },
  { options: { allow: ids.slice(-1) }, takesPart: (id) => id === ids.length - 1 },
  { options: { exclude: ids }, takesPart: () => false },
];

function biasesById(file: Uint8Array, count: number): Float64Array {
  const { bias, ids } = storedIndex(file);
  const values = new Float64Array(count);
  for (const [position, id] of ids.entries()) values[id] = bias?.[position] ?? 0;
  return values;
}

const indexes = (await smallIndexes()).filter(({ itemCount }, i) => itemCount > 0 && i % 3 !== 0);
const large = LARGE_LOGIT_CASES.map(([name, index], i) => ({
  name,
  file: indexFile(index),
  itemCount: index.facts.itemCount,
  queries: [anyQuery(index, i), anyQuery(index, i, 1e-3)],
}));
const manyBlocks = (["i8", "f32"] as const).map((rows) => {
  const index = tinyIndex({
    itemCount: 1500,
    dim: 4,
    bits: 3,
    rows,
    bias: biases(1500, 8).map((bias) => 20 * bias),
    seed: 4,
  });
  return { name: `1,500 classes, ${rows}`, file: indexFile(index), itemCount: 1500, queries: [anyQuery(index, 3)] };
});

describe.each([...indexes, ...large, ...manyBlocks])("a mixture, $name", ({ file, itemCount, queries }) => {
  const ids = Array.from({ length: itemCount }, (_, id) => id);
  const bias = biasesById(file, itemCount);

  test("has the log Q′ of its formula, whatever was asked before, and sums to 1", async () => {
    const { index } = await open(file);
    for (const query of inTurn(queries, Math.min(2, queries.length))) {
      for (const { options, takesPart } of conditionsOf(ids)) {
        for (const scan of [0, 20]) {
          const plain = index.logQ(query, ids, { ...options, scan });
          for (const mixture of inTurn(MIXTURES, 7, JSON.stringify([options, scan]))) {
            if (mixture.popularity && !index.info.hasBias) continue;
            const logQ = index.logQ(query, ids, { ...options, scan, mixture });
            const oracle = mixtureLogQ(plain, bias, takesPart, mixture);
            const isRight = (log: number, id: number): boolean => {
              if (!takesPart(id)) return log === Number.NEGATIVE_INFINITY;
              const rounding = 2 ** -18 * Math.abs(plain[id] as number) + 2 ** -22 * Math.abs(oracle[id] as number);
              return Math.abs(log - (oracle[id] as number)) < 2e-5 + rounding;
            };
            expect(ids.filter((id) => !isRight(logQ[id] as number, id))).toEqual([]);
            const left = Array.from(logQ).filter(Number.isFinite);
            if (left.length > 0) expect(Math.abs(Math.exp(logSumExp(left)) - 1)).toBeLessThan(1e-4);
            const drawn = index.sample(query, 30, { ...options, scan, mixture, seed: 3 });
            expect(drawn.ids.length).toBe(left.length > 0 ? 30 : 0);
            expect(drawn.ids.every(takesPart)).toBe(true);
            expect(drawn.logQ).toEqual(index.logQ(query, drawn.ids, { ...options, scan, mixture }));
            const addedTo = (id: number): number => (options.bias && id === 0 ? 3 : 0);
            const scores = index.score(query, drawn.ids).map((score, i) => score + addedTo(drawn.ids[i] as number));
            expect(drawn.scores).toEqual(scores);
          }
        }
      }
    }
  });
});

const G_TESTED = [indexes.find(({ name }) => name.includes("N = 64") && name.includes(", bias")), manyBlocks[0]].filter(
  (index) => index !== undefined,
);

describe.each(G_TESTED)("draws from a mixture, $name", ({ file, itemCount, queries }) => {
  const ids = Array.from({ length: itemCount }, (_, id) => id);

  test.each(MIXTURES)("come as often as log Q′ says: %j", async (mixture) => {
    const { index } = await open(file);
    const query = queries[0] as Float32Array;
    const calls = LARGE ? 25 : Math.max(8, Math.ceil(itemCount / 60)); // of 1,000 draws each
    for (const { options } of inTurn(conditionsOf(ids).slice(0, 3), LARGE ? 1 : 2)) {
      const counts = new Float64Array(itemCount);
      for (let seed = 0; seed < calls; seed++) {
        for (const id of index.sample(query, 1000, { ...options, scan: 10, mixture, seed }).ids)
          (counts[id] as number)++;
      }
      const logQ = index.logQ(query, ids, { ...options, scan: 10, mixture });
      const { g, low, high } = goodnessOfFit(counts, logQ.map(Math.exp));
      expect(g).toBeGreaterThan(low);
      expect(g).toBeLessThan(high);
    }
  });
});

describe("a mixture", () => {
  const [small] = G_TESTED as [(typeof G_TESTED)[number]];
  const query = small.queries[0] as Float32Array;

  test("keeps the draws that it does not replace, and empty shares keep them all, bit for bit", async () => {
    const { index } = await open(small.file);
    const plain = index.sample(query, 500, { seed: 2 });
    for (const mixture of [{}, { uniform: 0, popularity: { share: 0 } }]) {
      expect(index.sample(query, 500, { seed: 2, mixture })).toEqual(plain);
    }
    const { ids } = index.sample(query, 500, { seed: 2, mixture: { uniform: 0.2 } });
    const kept = ids.filter((id, i) => id === plain.ids[i]).length;
    expect(kept).toBeGreaterThan(370);
    expect(kept).toBeLessThan(450);
  });

  test("has the effective sample size of the weights by Q′, in batches too", async () => {
    const { index } = await open(small.file);
    const mixture = { uniform: 0.2, popularity: { share: 0.1 } };
    const drawn = index.sample(query, 100, { seed: 2, temperature: 2, mixture });
    const weights = Array.from(drawn.scores, (score, i) => Math.exp(score / 2 - (drawn.logQ[i] as number)));
    const sum = weights.reduce((a, b) => a + b);
    expect(drawn.effectiveSampleSize).toBeCloseTo(sum ** 2 / weights.reduce((a, b) => a + b * b, 0), 6);
    const two = index.sample(Float32Array.of(...query, ...query), 100, { seed: 2, temperature: 2, mixture, batch: 2 });
    expect(two).toEqual([drawn, drawn]);
  });

  test("is one with the proposal by fine codes, too", async () => {
    const bias = biases(700, 3);
    const file = await build({ data: randomRows(700 * 8, 9), shape: [700, 8] }, { bias, fineCodes: true, seed: 1 });
    const { index } = await open(file);
    const ids = Array.from({ length: 700 }, (_, id) => id);
    const user = randomRows(8, 10);
    const mixture = { uniform: 0.1, popularity: { share: 0.3, power: 2 } };
    for (const { options, takesPart } of conditionsOf(ids).slice(0, 3)) {
      const call = { ...options, proposal: "codes", scan: 30 } as const;
      const oracle = mixtureLogQ(index.logQ(user, ids, call), Float64Array.from(bias), takesPart, mixture);
      const logQ = index.logQ(user, ids, { ...call, mixture });
      for (const id of ids.filter(takesPart)) expect(logQ[id]).toBeCloseTo(oracle[id] as number, 4);
      const drawn = index.sample(user, 200, { ...call, mixture, seed: 4 });
      expect(drawn.logQ).toEqual(index.logQ(user, drawn.ids, { ...call, mixture }));
      expect(drawn.ids.every(takesPart)).toBe(true);
    }
  });

  test("refuses shares that are none, and names them", async () => {
    const { index } = await open(small.file);
    const refusal =
      (mixture: object, more: object = {}) =>
      () =>
        index.sample(query, 1, { mixture, ...more } as never);
    expect(refusal({ uniform: -0.1 })).toThrow(new RangeError('"mixture.uniform" expected 0 to 1, got -0.1'));
    expect(refusal({ uniform: Number.NaN })).toThrow(RangeError);
    for (const popularity of [false, 0, "", Number.NaN]) {
      expect(refusal({ popularity })).toThrow('"mixture.popularity" expected an object, got ');
    }
    expect(refusal({ popularity: {} })).toThrow('"mixture.popularity.share" expected a number, got undefined');
    expect(refusal({ popularity: 0.1 })).toThrow('"mixture.popularity" expected an object, got number');
    expect(refusal({ popularity: { share: 0.1, power: -1 } })).toThrow('"mixture.popularity.power" expected 0 to 1024');
    expect(refusal({ uniform: 0.75, popularity: { share: 0.5 } })).toThrow(
      new RangeError('"mixture.popularity.share" expected at most 0.25 beside uniform: 0.75, got 0.5'),
    );
    expect(refusal({ epsilon: 0.1 })).toThrow('"epsilon" is not an option of mixture: it takes uniform, popularity');
    expect(refusal({ uniform: 0.1 }, { exact: true })).toThrow('"exact" expected no "mixture" beside it');
    expect(() => index.sampleTopK(query, 1, { mixture: {} } as never)).toThrow(
      '"mixture" is not an option of sampleTopK',
    );
    const without = indexes.find(({ name }) => name.includes("no bias")) as (typeof indexes)[number];
    const plain = (await open(without.file)).index;
    expect(() =>
      plain.logQ(without.queries[0] as Float32Array, [0], { mixture: { popularity: { share: 0.1 } } }),
    ).toThrow(new RangeError('"mixture.popularity" expected an index built with "bias" (--bias), got one without'));
  });
});
