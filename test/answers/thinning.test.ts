import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { read } from "../../src/memory/opened-index.ts";
import { type Open, open, tiltPathOf } from "../fixtures/open.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import {
  allowing,
  bitmapOf,
  HALF,
  HEADS,
  ITEM_COUNT,
  isInHalf,
  isThin,
  LIMITS,
  NAMES,
  SIZES,
  type TakesPart,
} from "../fixtures/thinning-heads.ts";
import { MOST_LOOKED_AT } from "../reference/thinned.ts";
import { EVERY } from "../run/size.ts";
import { meanOf, varianceOf } from "../statistics/drawn-estimate.ts";
import { enumerate, logSumExp } from "../statistics/enumeration.ts";

// Bitmaps of the vocabulary thin out heads and draws where they hold more classes than are scored in any case.

/** The logarithm of Z of the classes that take part, from their scores. */
function logZOf({ index }: Open, query: Float32Array, takesPart: TakesPart, temperature: number): number {
  const ids = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id).filter(takesPart);
  return logSumExp(Float64Array.from(index.score(query, ids), (score) => score / temperature));
}

describe.each(NAMES)("an estimate that a bitmap thins out, %s", (name) => {
  const { file, queryOf } = HEADS[name];

  test("is unbiased by enumeration: every class that is left counts once, in the head or with the chance of its draws", async () => {
    const one = await open(file, LIMITS);
    const { kernels, plan } = one.opened;
    const query = queryOf(0);
    one.index.predict(query, 0, { ...HALF, scan: 64, draws: 1000 });
    expect(isThin(one)).toBe(true);
    const stored = storedIndex(file);
    const e = enumerate(stored, query, { tilts: tiltPathOf(one) });
    const logZ = logSumExp(e.scores.filter((_, id) => isInHalf(id)));
    const count = (field: number): number => read(one.opened, field);
    const listed = new Int32Array(kernels.memory.buffer, plan.regions.headPositions, count(structs.SEARCH_HEAD_COUNT));
    const head = new Set(Array.from(listed, (position) => stored.ids[position] as number));
    expect([...head].every(isInHalf)).toBe(true);
    const headBuckets = new Set(
      new Int32Array(kernels.memory.buffer, plan.regions.headBuckets, count(structs.SEARCH_HEAD_BUCKET_COUNT)),
    );
    const isLeft = (id: number): boolean => isInHalf(id) && !head.has(id);
    // The tail has no mass of the classes that entered the head by their codes.
    const isDrawn = (id: number): boolean =>
      (e.buckets[id] as number) >= 0 && !headBuckets.has(e.buckets[id] as number) && !head.has(id);
    const logTail = logSumExp(e.logMasses.filter((_, id) => isDrawn(id)));
    // The part of each bucket that is left, and with it the chance of its classes.
    const parts = stored.buckets.map(({ begin, end }) => {
      if (end - begin > MOST_LOOKED_AT) return 1;
      const ids = Array.from(stored.ids.slice(begin, end)).filter((id) => !head.has(id));
      const logMass = logSumExp(ids.map((id) => e.logMasses[id] as number));
      return ids.filter(isLeft).reduce((sum, id) => sum + Math.exp((e.logMasses[id] as number) - logMass), 0);
    });
    const kept = count(structs.SEARCH_DRAW_COUNT);
    const factors = new Float64Array(kernels.memory.buffer, plan.regions.drawFactors, kept).filter((x) => x > 0);
    const logX = new Float64Array(kernels.memory.buffer, plan.regions.drawLogQ, factors.length);
    const positions = new Int32Array(kernels.memory.buffer, plan.regions.drawPositions, factors.length);
    expect(factors.length).toBeGreaterThan(100);
    for (const [j, position] of positions.entries()) {
      const id = stored.ids[position] as number;
      expect(isLeft(id)).toBe(true);
      const x = Math.exp((logX[j] as number) - logZ) * (factors[j] as number);
      const chance = Math.exp((e.logMasses[id] as number) - logTail) / (parts[e.buckets[id] as number] as number);
      const counted = Math.exp((e.scores[id] as number) - logZ);
      expect(Math.abs(x * chance - counted)).toBeLessThanOrEqual(1e-4 * counted);
    }
    // So Ẑ is Z_H and what the other classes that are left contribute, on average.
    const headMass = count(structs.SEARCH_HEAD_MASS) * Math.exp(count(structs.SEARCH_LOG_SHIFT) - logZ);
    const others = e.scores.reduce((sum, score, id) => {
      const isInTail = isLeft(id) && !headBuckets.has(e.buckets[id] as number);
      return sum + (isInTail ? Math.exp(score - logZ) : 0);
    }, 0);
    expect(others).toBeGreaterThan(0.01);
    expect(Math.abs(headMass + others - 1)).toBeLessThan(1e-4);
  });

  test("is unbiased over seeds", async () => {
    const one = await open(file, LIMITS);
    const [query, temperature] = [queryOf(1), 1.5];
    const logZ = logZOf(one, query, isInHalf, temperature);
    const ratios = Float64Array.from({ length: EVERY ? 400 : 200 }, (_, seed) => {
      const options = { ...HALF, temperature, scan: 64, draws: 32, seed };
      return Math.exp(one.index.predict(query, 0, options).logPartition - logZ);
    });
    expect(isThin(one)).toBe(true);
    expect(varianceOf(ratios)).toBeGreaterThan(1e-7);
    expect(Math.abs(meanOf(ratios) - 1)).toBeLessThan(5 * Math.sqrt(varianceOf(ratios) / ratios.length) + 1e-5);
  });

  test("has bars that cover, and finds the best classes, over bitmaps and temperatures", async () => {
    const one = await open(file, LIMITS);
    let [trusted, covered, found, thin] = [0, 0, 0, 0];
    for (let row = 0; row < SIZES.queryCount; row++) {
      const query = queryOf(row);
      const best = new Set(one.index.topK(query, 200, { exact: true }).ids);
      const filters: TakesPart[] = [
        isInHalf,
        (id) => (id + row) % 400 !== 0,
        (id) => !best.has(id),
        (id) => (id + row) % 20 < 9,
      ];
      for (const takesPart of filters) {
        const allow = { bitmap: bitmapOf(takesPart) };
        const temperature = [0.5, 1, 2][row % 3] as number;
        const answer = one.index.predict(query, 10, { allow, temperature, scan: row % 2 ? 256 : 1024, seed: row });
        thin += isThin(one) ? 1 : 0;
        expect(answer.ids.every(takesPart)).toBe(true);
        const error = Math.abs(answer.logPartition - logZOf(one, query, takesPart, temperature));
        if (!answer.lowEss) trusted++;
        if (!answer.lowEss && error <= 1.96 * answer.standardError) covered++;
        const exact = one.index.topK(query, 10, { allow, exact: true }).ids;
        const { ids } = one.index.topK(query, 10, { allow, scan: 1024 });
        expect(ids.every(takesPart)).toBe(true);
        found += ids.filter((id) => exact.includes(id)).length / 10;
      }
    }
    const calls = 4 * SIZES.queryCount;
    expect(thin).toBeGreaterThan(0.95 * calls);
    expect(trusted).toBeGreaterThan(0.5 * calls);
    expect(covered / trusted).toBeGreaterThan(0.94);
    expect(found / calls).toBeGreaterThan(0.85);
  });
});

test.each([
  [2, 1024],
  [2, 512],
  [16 / 7, 1024],
])("the head of an estimate has √a of its classes if a bitmap leaves one of %f, scan %i", async (part, scan) => {
  const { file, queryOf } = HEADS.diffuse;
  const one = await open(file, LIMITS);
  const allowed = allowing((id) => (Math.imul(id, 0x9e3779b1) >>> 0) * part < 2 ** 32);
  one.index.predict(queryOf(0), 5, { ...allowed, scan, seed: 1 });
  expect(isThin(one)).toBe(true);
  const head = read(one.opened, structs.SEARCH_HEAD_COUNT);
  expect(head).toBeGreaterThanOrEqual((0.75 * scan) / Math.sqrt(part));
  expect(head).toBeLessThan((1.2 * scan) / Math.sqrt(part));
});

describe("a call with a bitmap", () => {
  const { file, queryOf } = HEADS["clustered, with fine codes"];
  const query = queryOf(2);

  test("has the bits that it has on a fresh index, whatever was asked before", async () => {
    const used = await open(file, LIMITS);
    const few = Array.from({ length: 50 }, (_, i) => 17 * i);
    const many = Array.from({ length: 200 }, (_, i) => 31 * i);
    const best = new Set(used.index.topK(query, 3000, { exact: true }).ids);
    const options: (ConditionOptions | undefined)[] = [
      HALF,
      undefined,
      { ...HALF, temperature: 0.7 },
      { ...HALF, exclude: few },
      allowing((id) => !best.has(id)), // too little is left of the head
      { exclude: few },
      { ...HALF, bias: { ids: few, values: few.map((id) => (id % 7) / 2) } },
      { ...HALF, history: few, repetitionPenalty: 1.3, temperature: 1.2 },
      { exclude: many },
      { history: many, presencePenalty: 0.4 },
      { exclude: many.slice(1) },
    ];
    const answersOf = ({ index }: Open, given: ConditionOptions | undefined) => [
      index.predict(query, 5, { ...given, scan: 700, seed: 3 }),
      index.topK(query, 5, { ...given, scan: 700 }),
      index.sample(query, 9, { ...given, scan: 700, seed: 3 }),
      index.logProbability(query, [5, 17, 1000, 1001], { ...given, scan: 700, seed: 3 }),
      index.predict(query, 5, { ...given, scan: 700, seed: 3 }),
    ];
    for (const i of [0, 1, 0, 4, 0, 2, 5, 4, 3, 7, 1, 6, 8, 9, 10, 8, 5, 8, 0, 9]) {
      expect(answersOf(used, options[i])).toEqual(answersOf(await open(file, LIMITS), options[i]));
    }
  });

  test("answers with weights where the query has no mass in the bitmap, as `allow` with the same ids does", async () => {
    const one = await open(file, LIMITS);
    // The best classes fill the head, and those of the bitmap behind it have little of the tail.
    const { ids: ranked } = one.index.topK(query, 10_000, { exact: true });
    const middle = new Set(ranked.subarray(500));
    const options = { ...allowing((id) => !middle.has(id)), scan: 512 };
    const ids = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id).filter((id) => !middle.has(id));
    const answer = one.index.predict(query, 5, { ...options, seed: 1 });
    expect(isThin(one)).toBe(false);
    expect(answer).toEqual(one.index.predict(query, 5, { ...options, seed: 1, allow: ids }));
    expect(one.index.topK(query, 5, options)).toEqual(one.index.topK(query, 5, { ...options, allow: ids }));
  });

  test("is what excluded classes make", async () => {
    const one = await open(file, LIMITS);
    const many = Array.from({ length: 200 }, (_, i) => 31 * i);
    const others = allowing((id) => id % 31 !== 0 || id >= 31 * 200);
    const asked = { scan: 512, seed: 3 };
    const answer = one.index.predict(query, 5, { ...asked, exclude: many });
    expect(isThin(one)).toBe(true);
    expect(answer).toEqual(one.index.predict(query, 5, { ...asked, ...others }));
    const changed = { bias: { ids: many, values: many.map((id) => (id % 5) / 4) } };
    expect(one.index.predict(query, 5, { ...asked, ...changed })).toEqual(
      one.index.predict(query, 5, { ...asked, ...changed, ...allowing(() => true) }),
    );
    expect(isThin(one)).toBe(true);
    const single = one.index.predict(query, 5, { ...asked, exclude: [31] });
    expect(isThin(one)).toBe(true);
    expect(single).toEqual(one.index.predict(query, 5, { ...asked, ...allowing((id) => id !== 31) }));
  });

  test("has in a batch the bits that it has alone, with conditions of one query too", async () => {
    const { index } = await open(file, LIMITS);
    const queries = [2, 3, 4].map(queryOf);
    const batch = queries.length;
    const flat = Float32Array.from(queries.flatMap((one) => [...one]));
    const singles = queries.map((one) => index.predict(one, 5, { ...HALF, seed: 9 }));
    expect(index.predict(flat, 5, { ...HALF, seed: 9, batch })).toEqual(singles);
    const conditions = [HALF, {}, { exclude: [1] }];
    const each = queries.map((one, row) => index.predict(one, 5, { ...conditions[row], seed: 9 }));
    expect(index.predict(flat, 5, { conditions, seed: 9, batch })).toEqual(each);
  });

  test("has the same bits whatever the limits of the index", async () => {
    const options = { ...HALF, scan: 200, draws: 100, seed: 5 };
    const narrow = (await open(file, { maxScan: 200, maxK: 5, maxDraws: 100 })).index;
    expect(narrow.predict(query, 5, options)).toEqual((await open(file, LIMITS)).index.predict(query, 5, options));
  });

  test("counts classes with changed logits, and none that is excluded", async () => {
    const one = await open(file, LIMITS);
    const [first, second] = one.index.topK(query, 2, { ...HALF, exact: true }).ids as unknown as [number, number];
    const options = { ...HALF, bias: { ids: [second], values: [3] }, exclude: [first], scan: 512, seed: 1 };
    const answer = one.index.predict(query, 3, options);
    expect(isThin(one)).toBe(true);
    const { scan: _, ...conditions } = options;
    const exact = one.index.predict(query, 3, { ...conditions, exact: true });
    expect(answer.ids).toEqual(exact.ids);
    expect(answer.scores).toEqual(exact.scores);
    expect(Math.abs(answer.logPartition - exact.logPartition)).toBeLessThan(5 * answer.standardError);
    const { logProbabilities } = one.index.logProbability(query, [first, second], options);
    expect(logProbabilities[0]).toBe(Number.NEGATIVE_INFINITY);
    expect(Math.abs((logProbabilities[1] as number) - Math.log(answer.probabilities[0] as number))).toBeLessThan(1e-9);
  });

  test("weighs where draws are few, and where all rows or all that is left are scored", async () => {
    const one = await open(file, LIMITS);
    const calls: [ConditionOptions & { draws?: number; exact?: boolean }, boolean][] = [
      [{ ...HALF, draws: 31 }, false],
      [{ ...HALF, draws: 32 }, true],
      [{ ...HALF, exact: true }, false],
      [allowing((id) => id % 20 < 8), false], // all that is left is scored
    ];
    for (const [options, thins] of calls) {
      one.index.predict(query, 1, { ...options, seed: 1 });
      expect(isThin(one)).toBe(thins);
    }
  });
});
