import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { type KeyedClasses, keyedSampler, startClocks } from "../../fixtures/keyed-sampler.ts";
import { BUILDS } from "../../fixtures/modules.ts";
import { describeBuilds, type OpenedTiny } from "../../fixtures/opened.ts";
import { openExact, someOf } from "../../fixtures/opened-exact.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import type { Heard, Keyed } from "../../reference/clocks.ts";
import { reference } from "../../reference/index.ts";
import { LARGE } from "../../run/size.ts";
import { inTurn } from "../../run/turns.ts";
import { goodnessOfFit } from "../../statistics/goodness-of-fit.ts";

/** The reference takes 10 µs for a clock. */
const CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES].filter(
  ([, { facts }]) => 0 < facts.itemCount && facts.itemCount <= 700,
);
const NEVER = 2 ** 24;
const MASSES = [
  { masses: "the envelope's", isExact: true },
  { masses: "the proposal's", isExact: false },
];

describeBuilds("clocks", (modules) => {
  describe.each(MASSES)("of $masses masses", ({ isExact }) => {
    test.each(CASES)("equal the reference, call by call: %s", async (_, index) => {
      const { itemCount } = index.facts;
      for (const conditions of [{}, { temperature: 0.7, excluded: someOf(index) }]) {
        const opened = await openExact(modules, index, conditions);
        const residuals = reference.measureResiduals(index, opened.index.slots);
        const query = anyQuery(index, 41);
        const asked: (readonly [scan: number, keyCount: number, arrivals: number])[] = [
          [0, 65, 12],
          [0, 3, 0],
          [20, 1, 12],
          [20, 9, 3],
          [itemCount, 4, 1],
        ];
        for (const [scan, keyCount, arrivals] of inTurn(asked, 3, `${conditions.temperature}`)) {
          startClocks(opened, query, scan, isExact);
          const prepared = reference.prepareQuery(index, query);
          const masses = isExact
            ? reference.envelope(opened.index, prepared, residuals, scan)
            : reference.propose(opened.index, query, scan, 0);
          const seed = 2n ** 64n - BigInt(keyCount);
          const { kernels, layout } = opened;

          kernels.clockHead(layout, keyCount, seed);
          const head = reference.clockHead(opened.index, masses, keyCount, seed);
          expect(keptOf(opened)).toEqual(head);

          const logTime = kernels.clockTail(layout, isExact, arrivals);
          let heard: Heard = reference.clockTail(opened.index, masses, head, keyCount, seed, arrivals);
          expect(logTime).toBe(heard.logTime);
          expect(keptOf(opened)).toEqual(heard.kept);
          expect(takenOf(opened)).toEqual([...heard.taken].sort((a, b) => a - b));

          if (logTime < Number.POSITIVE_INFINITY) {
            for (let first = 0; first < itemCount; first += 300) {
              const end = Math.min(first + 300, itemCount);
              kernels.clockRange(layout, first, end);
              heard = reference.clockRange(opened.index, masses, heard, keyCount, seed, first, end);
            }
            expect(keptOf(opened)).toEqual(heard.kept);
          }

          kernels.sortKeys(layout);
          const { ids, keys, scores } = reference.sortKeys(opened.index, masses, heard.kept);
          expect(opened.search(structs.SEARCH_TOP_COUNT)).toBe(ids.length);
          expect(opened.read(Int32Array, "topIds", ids.length)).toEqual(ids);
          expect(opened.read(Float64Array, "keys", ids.length)).toEqual(keys);
          expect(opened.read(Float32Array, "topScores", ids.length)).toEqual(scores);
          expect(takenOf(opened)).toEqual([]);
        }
        expect(opened.strayWrites()).toEqual([]);
      }
    });
  });

  test.each(CASES)("ring at the same time whether read in the head or in a range: %s", async (_, index) => {
    const { itemCount } = index.facts;
    const opened = await openExact(modules, index, { temperature: 1.3 });
    const { kernels, layout } = opened;
    const query = anyQuery(index, 42);
    for (const keyCount of inTurn([1, 5, 65], 2)) {
      startClocks(opened, query, itemCount, true);
      kernels.clockHead(layout, keyCount, 7n);
      const inHead = keptOf(opened);
      startClocks(opened, query, 0, true);
      kernels.clockHead(layout, keyCount, 7n);
      opened.setSearch(structs.SEARCH_IS_EXACT, 1);
      // The ranges are in no order, so the smallest key, below which no clock is computed, rises differently.
      const starts = Array.from({ length: Math.ceil(itemCount / 50) }, (_, i) => 50 * i).reverse();
      for (const first of starts) {
        const end = Math.min(first + 50, itemCount);
        kernels.clockRange(layout, first, end);
      }
      expect(keptOf(opened)).toEqual(inHead);
    }
  });

  test.each(CASES)("of several heads, one after the other, are those of one head: %s", async (_, index) => {
    const { itemCount } = index.facts;
    const opened = await openExact(modules, index, { temperature: 0.8 });
    const { kernels, layout } = opened;
    const query = anyQuery(index, 44);
    const prepared = reference.prepareQuery(index, query);
    const proposal = reference.propose(opened.index, query, 0, 0);
    for (const keyCount of inTurn([1, 9, 65], 2)) {
      startClocks(opened, query, 0, true);
      opened.setSearch(structs.SEARCH_HEAD_COUNT, 0);
      kernels.clockHead(layout, keyCount, 11n);
      let kept: Keyed[] = [];
      for (let first = 0; first < itemCount; first += 90) {
        const part = { length: Math.min(90, itemCount - first) };
        const listed = Int32Array.from(part, (_, i) => first + i);
        opened.write("headPositions", listed);
        kernels.scoreListed(layout, listed.length);
        kernels.clockMore(layout);
        const head = { ...proposal, ...reference.scoreListed(opened.index, prepared, listed) };
        kept = reference.clockMore(opened.index, head, kept, keyCount, 11n);
        expect(keptOf(opened)).toEqual(kept);
      }
      startClocks(opened, query, itemCount, true);
      kernels.clockHead(layout, keyCount, 11n);
      expect(keptOf(opened)).toEqual(kept);
    }
  });

  test("list every class once if there are no more classes than keys", async () => {
    const index = tinyIndex({ itemCount: 30, dim: 3, bits: 2, bias: biases(30, 43), seed: 43 });
    const excluded = new Set([3, 4, 29]);
    const opened = await openExact(modules, index, { excluded });
    const allowed = Array.from(index.ids).filter((_, position) => !excluded.has(position));
    for (const { isExact } of MASSES) {
      for (const scan of [0, 8, 30]) {
        for (const arrivals of [0, 5, 100]) {
          startClocks(opened, anyQuery(index, 1), scan, isExact);
          const { ids, keys } = keyedSampler(opened, { keyCount: 40, isExact, arrivals })(5n);
          expect(opened.search(structs.SEARCH_TOP_COUNT)).toBe(27);
          expect([...ids.slice(0, 27)].sort((a, b) => a - b)).toEqual(allowed.toSorted((a, b) => a - b));
          expect([...keys.slice(0, 27)]).toEqual([...keys.slice(0, 27)].sort((a, b) => b - a));
        }
      }
    }
  });
});

/** Six classes that are not excluded, with uneven masses, some of them in one bucket. */
const SIX = [
  [
    "six classes",
    tinyIndex({ itemCount: 6, dim: 3, bits: 1, codes: [0, 0, 1, 1, 1, 3], bias: [1, 0, -1, 0.5, 0, 1.5], seed: 44 }),
    {},
  ],
  [
    "six of eight classes, T = 1.6",
    tinyIndex({
      itemCount: 8,
      dim: 3,
      bits: 1,
      codes: [0, 0, 1, 1, 1, 3, 3, 3],
      bias: [1, 0, -1, 0.5, 2, 1.5, 0, 1],
      seed: 45,
    }),
    { temperature: 1.6, excluded: new Set([1, 6]) },
  ],
] as const;

describeBuilds("a sample of two", (modules) => {
  const seeds = (LARGE ? 30 : 1) * (modules === BUILDS.release ? 8000 : 2000);
  describe.each(MASSES)("by $masses masses", ({ isExact }) => {
    describe.each([0, 2])("with a head under %d", (scan) => {
      describe.each([0, 2, NEVER])("cut after %d arrivals", (arrivals) => {
        test.each(SIX)("has the law of Plackett and Luce: %s", async (_, index, conditions) => {
          const opened = await openExact(modules, index, conditions);
          const masses = startClocks(opened, anyQuery(index, 46, 0.7), scan, isExact).map(Math.exp);
          const sampler = keyedSampler(opened, { keyCount: 3, isExact, arrivals });
          const counts = new Float64Array(masses.length ** 2);
          const spacings = [0, 1, 2].map(() => ({ sum: 0, squares: 0 }));
          for (let seed = 0; seed < seeds; seed++) {
            const sample = sampler(BigInt(seed));
            const pair = (sample.ids[0] as number) * masses.length + (sample.ids[1] as number);
            counts[pair] = (counts[pair] as number) + 1;
            addSpacings(spacings, sample, masses);
          }
          const { g, low, high } = goodnessOfFit(counts, orderedPairs(masses));
          expect(g).toBeGreaterThan(low);
          expect(g).toBeLessThan(high);
          // Exp(1) has mean 1 and variance 1, and its square has mean 2 and variance 20.
          for (const { sum, squares } of spacings) {
            expect(Math.abs(sum / seeds - 1)).toBeLessThan(5 * Math.sqrt(1 / seeds));
            expect(Math.abs(squares / seeds - 2)).toBeLessThan(5 * Math.sqrt(20 / seeds));
          }
        });
      });
    });
  });
});

/** P_i P_j / (1 − P_i) at i · N + j. */
function orderedPairs(masses: Float64Array): number[] {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const p = Array.from(masses, (mass) => mass / total);
  return p.flatMap((first, i) => p.map((second, j) => (i === j ? 0 : (first * second) / (1 - first))));
}

/** The times between keys in units of the rate of the classes left: independent and Exp(1), whatever was drawn. */
function addSpacings(
  spacings: { sum: number; squares: number }[],
  { ids, keys }: KeyedClasses,
  masses: Float64Array,
): void {
  let rate = masses.reduce((sum, mass) => sum + mass, 0);
  let before = 0;
  for (const [i, spacing] of spacings.entries()) {
    const time = Math.exp(-(keys[i] as number));
    const value = (time - before) * rate;
    spacing.sum += value;
    spacing.squares += value * value;
    before = time;
    rate -= masses[ids[i] as number] as number;
  }
}

/** Returns the keys kept, largest first. */
function keptOf(opened: OpenedTiny): Keyed[] {
  const count = opened.search(structs.SEARCH_TOP_COUNT);
  const keys = opened.read(Float64Array, "keys", count);
  const positions = opened.read(Int32Array, "topIds", count);
  const kept = Array.from(keys, (key, i) => ({ position: positions[i] as number, key }));
  return kept.sort((a, b) => b.key - a.key || a.position - b.position);
}

/** Returns the positions marked as taken, ascending. */
function takenOf(opened: OpenedTiny): number[] {
  const { itemCount } = opened.index.facts;
  const bits = opened.read(Uint8Array, "taken", Math.ceil(itemCount / 8));
  return Array.from({ length: itemCount }, (_, p) => p).filter(
    (p) => (((bits[p >> 3] as number) >> (p & 7)) & 1) === 1,
  );
}
