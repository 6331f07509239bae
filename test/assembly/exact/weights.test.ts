import { describe, expect, test } from "vitest";
import type { LayoutRegion } from "../../../build/structs.ts";
import { BLOCK_SLOTS, GUIDE_STEP } from "../../../src/abi.ts";
import { biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny, writeConditions } from "../../fixtures/opened.ts";
import { anyCodes, tinyIndex } from "../../fixtures/tiny-index.ts";
import { derive } from "../../reference/buckets.ts";
import { reference } from "../../reference/index.ts";
import { bucketAt, firstOutlierOf, positionsOf, type ReferenceIndex } from "../../reference/reference-index.ts";
import { shareWidth } from "../../reference/tail.ts";
import { ALL_SHARES, type Conditions, heldLogWeights } from "../../reference/weights.ts";
import { inTurn } from "../../run/turns.ts";
import { conditionsOf, excludedWhere } from "../condition-cases.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const UNCONDITIONAL: [string, Conditions] = ["of all classes", {}];

/** The unit roundoff of f32, and the relative error of exp4 (exp.test.ts). */
const U = 2 ** -24;
const EXP4_ERROR = 8.2e-8;

describe("the reference of weighBuckets", () => {
  test.each(ALL_CASES)("gives log Σ e^(bias / T) of the classes left, to f32 rounding: %s", (_, plain) => {
    for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(plain)], 2)) {
      const index = derive(plain, conditions);
      for (const [bucket, logWeight] of index.bucketLogWeights.entries()) {
        const { top, weights, error } = weightsOf(plain, conditions, bucket);
        const exact = top + Math.log(weights.reduce((sum, weight) => sum + weight, 0));
        const bound = U * Math.abs(exact) + error;
        if (exact === Number.NEGATIVE_INFINITY) expect(logWeight, name).toBe(exact);
        else expect(Math.abs(logWeight - exact), name).toBeLessThanOrEqual(bound);
      }
    }
  });

  test.each(ALL_CASES)(
    "gives each class left its part of 2^31 within 2 units and one for each class of the part, at least 1; an excluded one 0: %s",
    (_, plain) => {
      for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(plain)], 2)) {
        const { shares } = derive(plain, conditions);
        for (const bucket of plain.bucketCodes.keys()) {
          const { first, end, count } = positionsOf(plain, bucket);
          const { weights, errors, error } = weightsOf(plain, conditions, bucket);
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          // Where the file has dispersions, what rounding leaves belongs to the last class.
          const left = plain.dispersions === undefined ? 0 : (2 ** -20 + 2 ** -23) * ALL_SHARES;
          const last = weights.findLastIndex((weight) => weight > 0);
          let units = 0;
          for (const [i, weight] of weights.entries()) {
            const width = shareWidth(shares, first + i, end);
            units += width;
            if (conditions.excluded?.has(first + i)) {
              expect(width, name).toBe(0);
              continue;
            }
            expect(width, name).toBeGreaterThanOrEqual(1);
            const part = weight / total;
            expect(Math.abs(width - part * ALL_SHARES), name).toBeLessThanOrEqual(
              2 +
                (i === last ? left + count : 0) +
                part * (count + left + ((errors[i] as number) + error) * ALL_SHARES),
            );
          }
          expect(units, name).toBe(total > 0 ? ALL_SHARES : 0);
        }
      }
    },
  );
});

describeBuilds("weighBuckets", (modules) => {
  test.each(ALL_CASES)(
    "equals the reference bit for bit, at every temperature and under every filter: %s",
    async (_, index) => {
      for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(index)], 2)) {
        const opened = await openTiny(modules, index, conditions);
        expect(tablesOf(opened), name).toEqual(expectedTables(opened));
        const before = bytesOf(opened);
        opened.kernels.countBuckets(opened.layout, 0, 0);
        opened.kernels.weighBuckets(opened.layout, 0, 0);
        expect(bytesOf(opened), `${name}, weighed again`).toEqual(before);
        expect(opened.strayWrites(), name).toEqual([]);
      }
    },
  );

  test.each(ALL_CASES)(
    "gives a list of buckets the bits that weighing all gives, also when undone: %s",
    async (_, index) => {
      const opened = await openTiny(modules, index);
      const before = bytesOf(opened);
      let touched: number[] = [];
      for (const [name, { excluded }] of conditionsOf(index)) {
        if (!excluded) continue;
        const now = bucketsOf(index, excluded);
        weighList(opened, index, { excluded }, [...touched, ...now]);
        touched = now;
        expect(bytesOf(opened), name).toEqual(bytesOf(await openTiny(modules, index, { excluded })));
      }
      weighList(opened, index, {}, touched);
      expect(bytesOf(opened), "without a filter again").toEqual(before);
      expect(opened.strayWrites().filter((address) => !isFilter(opened, address))).toEqual([]);
    },
  );

  test("leaves every bucket that is not in the list", async () => {
    const index = tinyIndex({ itemCount: 90, dim: 3, bits: 2, bias: biases(90, 51) });
    const opened = await openTiny(modules, index);
    const before = bytesOf(opened);
    const excluded = excludedWhere(index, (place) => place === 0);
    weighList(opened, index, { excluded }, []);
    expect(bytesOf(opened)).toEqual(before);
    weighList(opened, index, { excluded }, [3, 9]);
    const mixed = derive(index, {
      excluded: excludedWhere(index, (place, _, b) => place === 0 && (b === 3 || b === 9)),
    });
    expect(opened.read(Float32Array, "bucketLogWeights", index.facts.bucketCount)).toEqual(heldLogWeights(mixed));
    expect(opened.read(Float32Array, "slotWeights", mixed.slots.slotWeights.length)).toEqual(mixed.slots.slotWeights);
  });

  test("treats a filter without a bit as none", async () => {
    const index = tinyIndex({ itemCount: 90, dim: 3, bits: 2, bias: biases(90, 52) });
    const opened = await openTiny(modules, index, { excluded: new Set([7]) });
    new Uint8Array(opened.kernels.memory.buffer, opened.address("excluded"), 12).fill(0);
    opened.kernels.countBuckets(opened.layout, 0, 0);
    opened.kernels.weighBuckets(opened.layout, 0, 0);
    expect(bytesOf(opened)).toEqual(bytesOf(await openTiny(modules, index)));
  });

  test("scales a group by the heaviest bucket left, so that the others do not underflow", async () => {
    // Classes 0 to 7 are in separate buckets, four to a group. Class 2 has e^300 times the weight of the others.
    const bias = Float32Array.of(0, -1, 300, -2, 5, 4, 3, 2);
    const index = tinyIndex({ itemCount: 8, dim: 2, bits: 2, codes: [0, 1, 2, 3, 4, 5, 6, 7], bias });
    const heavy = await openTiny(modules, index);
    const clamped = reference.expInto(Float32Array.of(-87), 0, 1).out[0] as number;
    expect(Array.from(heavy.read(Float32Array, "slotWeights", 4))).toEqual([clamped, clamped, 1, clamped]);
    const opened = await openTiny(modules, index, { excluded: new Set([2]) });
    const [e0, e1, e2] = reference.expInto(Float32Array.of(0, -1, -2), 0, 1).out;
    expect(Array.from(opened.read(Float32Array, "slotWeights", 4))).toEqual([e0, e1, 0, e2]);
    expect(Array.from(opened.read(Float32Array, "groupLogWeights", 2))).toEqual([0, 5]);
    expect(opened.read(Float32Array, "slotWeights", 2 * BLOCK_SLOTS).subarray(4)).toEqual(
      heavy.read(Float32Array, "slotWeights", 2 * BLOCK_SLOTS).subarray(4),
    );
  });

  test("hold biases 2^41 apart in one bucket: the lesser classes keep one unit each", async () => {
    const bias = Float32Array.of(-(2 ** 40), 2 ** 40, -(2 ** 40), 0);
    const index = tinyIndex({ itemCount: 4, dim: 2, bits: 0, bias });
    const opened = await openTiny(modules, index);
    expect(Array.from(opened.read(Float32Array, "bucketLogWeights", 1))).toEqual([2 ** 40]);
    expect(Array.from(sharesOf(opened))).toEqual([0, 1, ALL_SHARES - 2, ALL_SHARES - 1]);
    const filtered = await openTiny(modules, index, { excluded: new Set([1]), temperature: 2 ** 20 });
    expect(Array.from(filtered.read(Float32Array, "bucketLogWeights", 1))).toEqual([0]);
    expect(Array.from(sharesOf(filtered))).toEqual([0, 1, 1, 2]);
  });

  test("share equally without bias, whatever the temperature", async () => {
    const index = tinyIndex({ itemCount: 3, dim: 2, bits: 0 });
    for (const temperature of [0.01, 1, 100]) {
      const opened = await openTiny(modules, index, { temperature });
      const third = (ALL_SHARES - 3) / 3;
      expect(Array.from(sharesOf(opened))).toEqual([0, 1 + Math.floor(third), 2 + Math.floor(2 * third)]);
    }
  });

  test("give a bucket of 20,000 classes of very uneven weight shares that rise by at least 1", async () => {
    const bias = biases(20_000, 7).map((value) => 10 * value);
    const index = tinyIndex({ itemCount: 20_000, dim: 1, bits: 0, bias });
    const opened = await openTiny(modules, index, { temperature: 0.5 });
    const shares = sharesOf(opened);
    expect(shares).toEqual(opened.index.shares);
    expect(shares.findIndex((share, i) => i > 0 && share <= (shares[i - 1] as number))).toBe(-1);
    expect(shares.at(-1)).toBeLessThan(ALL_SHARES);
  });

  test.each([15, 16, 17, 32, 47, 48, 4099])(
    "guide to a class every 16 by share, in two buckets of %d",
    async (count) => {
      const codes = Array.from({ length: 5 + 2 * count }, (_, id) => (id < 5 ? 0 : id < 5 + count ? 1 : 2));
      const bias = biases(codes.length, 53).map((value) => 4 * value);
      const index = tinyIndex({ itemCount: codes.length, dim: 1, bits: 1, codes, bias });
      for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(index)], 2)) {
        const opened = await openTiny(modules, index, conditions);
        sharesOf(opened);
        const found = opened.read(Int32Array, "shareGuides", Math.ceil(index.facts.itemCount / GUIDE_STEP));
        for (const bucket of [1, 2]) {
          const { first } = positionsOf(index, bucket);
          if (opened.index.bucketLogWeights[bucket] === Number.NEGATIVE_INFINITY) continue;
          const guides = Math.floor(count / GUIDE_STEP);
          const expected = Array.from({ length: guides }, (_, g) =>
            reference.positionIn(opened.index, bucket, 2 * Math.ceil((g * ALL_SHARES) / guides)),
          );
          const begin = Math.floor(first / GUIDE_STEP);
          expect(Array.from(found.subarray(begin, begin + guides)), `${name}, bucket ${bucket}`).toEqual(expected);
        }
      }
    },
  );

  test("weighs lists that leave groups out, and end within one", async () => {
    const index = tinyIndex({ itemCount: 500, dim: 2, bits: 4, codes: anyCodes(500, 256, 54), bias: biases(500, 54) });
    const opened = await openTiny(modules, index);
    for (const [seed, share] of [0.05, 0.3, 0.9].entries()) {
      const picks = anyCodes(index.facts.bucketCount, 100, 55 + seed);
      const excluded = excludedWhere(
        index,
        (place, count, bucket) => (picks[bucket] as number) < 100 * share && place * 2 < count,
      );
      weighList(opened, index, { excluded }, [...index.bucketCodes.keys()]);
      const expected = bytesOf(await openTiny(modules, index, { excluded }));
      expect(bytesOf(opened)).toEqual(expected);
      weighList(opened, index, {}, bucketsOf(index, excluded));
      weighList(opened, index, { excluded }, bucketsOf(index, excluded));
      expect(bytesOf(opened)).toEqual(expected);
    }
  });
});

/**
 * e^(bias / T − top) of a bucket's classes, or 0 for excluded ones, by the host's exp, with the relative errors that
 * f32 allows for each and for their sum.
 */
function weightsOf(
  index: ReferenceIndex,
  { temperature = 1, excluded = new Set() }: Conditions,
  bucket: number,
): { top: number; weights: number[]; errors: number[]; error: number } {
  const { first, end } = positionsOf(index, bucket);
  const scale = Math.fround(1 / temperature);
  const logWeights = Array.from({ length: end - first }, (_, i) =>
    excluded.has(first + i) ? Number.NEGATIVE_INFINITY : (index.bias?.[first + i] ?? 0) * scale,
  );
  const top = logWeights.reduce((highest, value) => Math.max(highest, value), Number.NEGATIVE_INFINITY);
  const weights = logWeights.map((value) => (value === Number.NEGATIVE_INFINITY ? 0 : Math.exp(value - top)));
  // A difference and a product are rounded before the exponential. Values clamped at e^−87 are 0 here too.
  const errors = logWeights.map((value) => (1 + 1e-3) * (2 * U * Math.abs(value - top) + EXP4_ERROR));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const error =
    weights.reduce((sum, weight, i) => (weight > 0 ? sum + weight * (errors[i] as number) : sum), 0) / total;
  return { top, weights, errors, error };
}

/** The buckets that have a class in `positions`. */
const bucketsOf = (index: ReferenceIndex, positions: ReadonlySet<number>): number[] => [
  ...new Set([...positions].map((position) => bucketAt(index, position))),
];

/** Weighs `buckets` alone, as a list in memory that is free between queries. */
function weighList(opened: OpenedTiny, index: ReferenceIndex, conditions: Conditions, buckets: number[]): void {
  writeConditions(opened.kernels, opened.layout, opened.address("excluded"), derive(index, conditions));
  const list = Int32Array.from(new Set(buckets)).sort();
  opened.write("headBuckets", list);
  opened.kernels.countBuckets(opened.layout, opened.address("headBuckets"), list.length);
  opened.kernels.weighBuckets(opened.layout, opened.address("headBuckets"), list.length);
}

/** Returns whether a byte belongs to the filter: a field of the Layout, or its bits. */
function isFilter(opened: OpenedTiny, address: number): boolean {
  const begin = opened.address("excluded");
  return (
    address < opened.address("positions") || (address >= begin && address < begin + opened.index.facts.itemCount / 8)
  );
}

/** The shares of the classes of all buckets, made anew as a draw makes them. */
function sharesOf(opened: OpenedTiny): Uint32Array {
  const { bucketCount } = opened.index.facts;
  for (let time = 0; time < 2; time++) {
    // the second time a bucket's shares are followed by those of the next
    opened.write("shareStamps", new Uint32Array(bucketCount));
    for (let bucket = 0; bucket < bucketCount; bucket++) opened.kernels.positionIn(opened.layout, bucket, 0);
  }
  return opened.read(Uint32Array, "shares", firstOutlierOf(opened.index));
}

/** The slots and weights in memory. */
function tablesOf(opened: OpenedTiny): Record<string, unknown> {
  const { facts, slots } = opened.index;
  const count = slots.blockCount * BLOCK_SLOTS;
  return {
    shares: sharesOf(opened),
    groupLogWeights: opened.read(Float32Array, "groupLogWeights", 4 * Math.ceil(2 ** facts.bits / 4)),
    slotBuckets: opened.read(Int32Array, "slotBuckets", count),
    slotCounts: opened.read(Int32Array, "slotCounts", count),
    slotRates: opened.read(Float32Array, "slotRates", count),
    slotLogRates: opened.read(Float32Array, "slotLogRates", count),
    bucketLogWeights: opened.read(Float32Array, "bucketLogWeights", facts.bucketCount),
    slotWeights: opened.read(Float32Array, "slotWeights", count),
  };
}

function expectedTables({ index }: OpenedTiny): Record<string, unknown> {
  const { groupLogWeights, slotBuckets, slotCounts, slotRates, slotLogRates, slotWeights } = index.slots;
  const padded = new Float32Array(4 * Math.ceil(groupLogWeights.length / 4)).fill(Number.NEGATIVE_INFINITY);
  padded.set(groupLogWeights);
  return {
    shares: index.shares.subarray(0, firstOutlierOf(index)),
    groupLogWeights: padded,
    bucketLogWeights: heldLogWeights(index),
    ...{ slotBuckets, slotCounts, slotRates, slotLogRates, slotWeights },
  };
}

/** Every byte of the tables that weighing writes. */
function bytesOf(opened: OpenedTiny): Record<string, Uint8Array> {
  const { facts, slots } = opened.index;
  const slotBytes = 4 * slots.blockCount * BLOCK_SLOTS;
  const sizes: Partial<Record<LayoutRegion, number>> = {
    groupLogWeights: 4 * 2 ** facts.bits,
    slotBuckets: slotBytes,
    slotCounts: slotBytes,
    slotRates: slotBytes,
    slotLogRates: slotBytes,
    bucketLogWeights: 4 * facts.bucketCount,
    slotWeights: slotBytes,
  };
  return Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [name, opened.read(Uint8Array, name as LayoutRegion, size)]),
  );
}
