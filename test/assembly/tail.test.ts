import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { MASS_PATH_F64 } from "../../src/abi.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../fixtures/opened.ts";
import { anyCodes, tinyIndex } from "../fixtures/tiny-index.ts";
import { type DerivedIndex, derive } from "../reference/buckets.ts";
import { LOG_FLOOR } from "../reference/head.ts";
import { reference } from "../reference/index.ts";
import type { SubScores, Tail } from "../reference/mass-units.ts";
import { type Masses, sumBlocks } from "../reference/masses.ts";
import { codesOf, positionsOf } from "../reference/reference-index.ts";
import { groupAt, shareWidth } from "../reference/tail.ts";
import type { Conditions } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";
import { conditionsOf, excludedWhere } from "./condition-cases.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const WITH_CLASSES = ALL_CASES.filter(([, index]) => index.facts.itemCount > 0);
const HEADS = [0, 1, 20, 300];
const UNCONDITIONAL: [string, Conditions] = ["of all classes", {}];
/** The number of words. The upper 31 bits choose the class in a bucket. */
const WORDS = 2 ** 32;

/** f32's unit roundoff. */
const U = 2 ** -24;

/**
 * The error of slotIn's boundaries, as a share of the group's mass: a rounding of the target; over each window of eight
 * blocks the blocks' own sums (8 quads), their lanes (2), prefix sums (3) and the subtraction; within a block the
 * quads' lanes (2), prefix sums (3), the subtraction, and prefix sums of the slots (2).
 */
const slotInBound = (blocks: number): number => U * (1 + 14 * Math.ceil(blocks / 8) + 8);

describe("the reference of sumTail", () => {
  test.each(WITH_CLASSES)("is the f64 sum of the tail's masses to f32 rounding: %s", (_, plain) => {
    for (const [scan, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(plain)], 2).flatMap(([name, conditions]) =>
      inTurn(HEADS, 2, name).map((scan) => [scan, conditions] as const),
    )) {
      const index = derive(plain, conditions);
      const { tail, direct } = tailOf(index, 1, scan);
      const inTail = tail.slotMasses.reduce((sum, mass) => sum + mass, 0);
      const { groupBlocks } = index.slots;
      const mostBlocks = Math.max(...groupBlocks.map((block, group) => (groupBlocks[group + 1] ?? block) - block));
      expect(Math.abs(tail.tailTotal - inTail)).toBeLessThanOrEqual(inTail * U * (8 + mostBlocks + 2));
      const inHead = direct.slotMasses.reduce((sum, mass, slot) => sum + mass - (tail.slotMasses[slot] as number), 0);
      const whole = direct.slotMasses.reduce((sum, mass) => sum + mass, 0);
      expect(Math.abs(inHead + inTail - whole)).toBeLessThanOrEqual(whole * 1e-12);
    }
  });
});

describe("the reference of logMassAt", () => {
  test.each(WITH_CLASSES)("adds up to w_b e^(s_b) over each bucket: %s", (_, plain) => {
    for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(plain)], 2)) {
      const index = derive(plain, conditions);
      const { scores } = tailOf(index, 1, 0);
      for (const bucket of index.bucketCodes.keys()) {
        const { first, end } = positionsOf(index, bucket);
        const { k1, k2 } = codesOf(index, bucket);
        const score = (scores.subScores1[k1] as number) + (scores.subScores2[k2] as number);
        const logMass = score + (index.bucketLogWeights[bucket] as number);
        const logMasses = Array.from({ length: end - first }, (_unused, i) =>
          reference.logMassAt(index, scores, bucket, first + i),
        );
        const excluded = logMasses.filter((_unused, i) => index.excluded.has(first + i));
        expect(excluded.every((value) => value === Number.NEGATIVE_INFINITY)).toBe(true);
        if (excluded.length === logMasses.length) continue;
        const parts = logMasses.reduce((sum, value) => sum + Math.exp(value - logMass), 0);
        const bound = 2 ** -50 * (Math.abs(score) + Math.abs(logMass)) + 1e-12;
        expect(Math.abs(Math.log(parts)), `${name}, bucket ${bucket}`).toBeLessThanOrEqual(bound);
      }
    }
  });
});

describeBuilds("sumTail", (modules) => {
  test.each(ALL_CASES)("equals the reference bit for bit: %s", async (_, index) => {
    for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(index)], 2)) {
      const opened = await openTiny(modules, index, conditions);
      for (const scan of inTurn(HEADS, 2, name)) {
        const { tail } = openTail(opened, 1, scan);
        expect(readTail(opened), `${name}, scan ${scan}`).toEqual(tail);
      }
      expect(opened.strayWrites(), name).toEqual([]);
    }
  });

  test("sums what is left if the head holds all but 2^-80 of the mass", async () => {
    // One bucket is at e^0 and fifteen are at e^−56: beside the head's mass no f32 sum would see them.
    const index = tinyIndex({ itemCount: 16, dim: 1, bits: 2, codes: anyOrder(16), scale: 0 });
    index.codebook1.fill(-28);
    index.codebook2.fill(-28);
    index.codebook1[1] = 0;
    index.codebook2[2] = 0;
    const opened = await openTiny(modules, index);
    const { head } = openTail(opened, 1, 1, Float32Array.of(1));
    expect(Array.from(head.headBuckets)).toEqual([1 * 4 + 2]);
    const left = Array.from(
      { length: 16 },
      (_, bucket) => (bucket >> 2 === 1 ? 0 : -28) + (bucket % 4 === 2 ? 0 : -28),
    );
    const exact = left.reduce((sum, score) => sum + (score < 0 ? Math.exp(score) : 0), 0);
    // The terms are differences of 28, two exp4 of relative error 8.2e-8, three products and ten additions.
    const relativeError = U * (2 * 28 + 3 + 10) + 2 * 8.2e-8;
    expect(Math.abs(opened.search(structs.SEARCH_TAIL_TOTAL) / exact - 1)).toBeLessThan(relativeError);
  });

  test("leaves exactly nothing if every bucket is in the head", async () => {
    const opened = await openTiny(modules, tinyIndex({ itemCount: 300, dim: 3, bits: 3, bias: biases(300, 1) }));
    openTail(opened, 1, 300);
    expect(opened.search(structs.SEARCH_TAIL_TOTAL)).toBe(0);
    expect(opened.read(Float64Array, "groupPrefix", 9)).toEqual(new Float64Array(9));
  });
});

describeBuilds("slotIn", (modules) => {
  test.each(WITH_CLASSES)(
    "names the slot that the walk names, or one within rounding of the target: %s",
    async (_, index) => {
      const whole = await openTiny(modules, index);
      const thinned = await openTiny(modules, index, {
        excluded: excludedWhere(index, (place, _n, b) => (place + b) % 3 > 0),
      });
      const heads = [whole, thinned].flatMap((opened) => HEADS.map((scan) => [opened, scan] as const));
      for (const [opened, scan] of inTurn(heads, 3)) {
        const { groupBlocks, slotBuckets } = opened.index.slots;
        const { tail } = openTail(opened, 2, scan);
        if (tail.tailTotal === 0) continue;
        const intervals = intervalsOf(opened, tail);
        const off: unknown[] = [];
        for (const target of targetsOf(tail, intervals)) {
          const group = groupAt(tail, target);
          const slot = opened.kernels.slotIn(opened.layout, group, target);
          if (!((slotBuckets[slot] as number) >= 0 && (tail.slotMasses[slot] as number) > 0))
            off.push({ target, slot });
          if (slot === reference.slotIn(opened.index, tail, group, target).slot) continue;
          const groupMass = (tail.groupPrefix[group + 1] as number) - (tail.groupPrefix[group] as number);
          const blocks = (groupBlocks[group + 1] as number) - (groupBlocks[group] as number);
          const { start = 0, end = 0 } = intervals.get(slot) ?? {};
          const distance = Math.max(start - target, target - end);
          const bound = slotInBound(blocks) * groupMass + 2 ** -145; // f32s below 2^-126 are 2^-149 apart
          if (!(distance <= bound)) off.push({ target, slot, distance, bound });
        }
        expect(off, `scan ${scan}`).toEqual([]);
        expect(opened.strayWrites()).toEqual([]);
      }
    },
  );

  test("is exact if masses are integers", async () => {
    const index = tinyIndex({ itemCount: 1024, dim: 1, bits: 9, codes: anyCodes(1024, 1024, 3) }); // two groups
    const opened = await openTiny(modules, index);
    const { slotBuckets } = opened.index.slots;
    const masses = slotBuckets.map((bucket, slot) => (bucket < 0 || slot % 11 === 0 ? 0 : 1 + (slot % 5)));
    const tail = writeMasses(opened, Float32Array.from(masses));
    for (let target = 0; target < tail.tailTotal; target += 0.5) {
      const group = groupAt(tail, target);
      const { slot } = reference.slotIn(opened.index, tail, group, target);
      expect(opened.kernels.slotIn(opened.layout, group, target), `target ${target}`).toBe(slot);
    }
  });

  test.each([
    ["slots of a quad", 1],
    ["quads of a block", 4],
    ["blocks", 32],
  ])("never names a slot without a mass where prefix sums of %s round differently", async (_, stride) => {
    // There are three masses and nothing in the fourth place. Prefix sums are (v2 + v1) + v0 in lane 2 and v2 + (v1 +
    // v0) in lane 3. A target between the two seems to lie in lane 3. This is tried with and without a mass further on.
    const index = tinyIndex({ itemCount: 512, dim: 1, bits: 9, codes: anyOrder(512) }); // one group of 16 blocks
    const opened = await openTiny(modules, index);
    for (const [round, { masses, target }] of unevenTriples().entries()) {
      const slotMasses = new Float32Array(512);
      for (const [i, mass] of masses.entries()) slotMasses[i * stride + (stride > 1 ? i : 0)] = mass;
      slotMasses[4 * stride] = round % 2;
      const tail = writeMasses(opened, slotMasses);
      expect(target).toBeLessThan(tail.tailTotal);
      const slot = opened.kernels.slotIn(opened.layout, 0, target);
      expect(slotMasses[slot], `masses ${masses}, target ${target}: slot ${slot}`).toBeGreaterThan(0);
    }
  });

  test("takes the last slot with a mass for a target that rounds to the end", async () => {
    const index = tinyIndex({ itemCount: 16, dim: 1, bits: 2, codes: anyOrder(16) });
    const opened = await openTiny(modules, index);
    const masses = new Float32Array(opened.index.slots.slotBuckets.length);
    masses.set([0, 1, 0, 0.5], 0);
    masses.set([0.25, 3, 0, 0], 32);
    const tail = writeMasses(opened, masses);
    expect(opened.kernels.slotIn(opened.layout, 3, tail.tailTotal), "from behind an empty group").toBe(33);
    expect(opened.kernels.slotIn(opened.layout, 1, tail.tailTotal)).toBe(33);
    expect(opened.kernels.slotIn(opened.layout, 0, 1.5)).toBe(3);
  });
});

describeBuilds("positionIn", (modules) => {
  test.each(WITH_CLASSES)(
    "names the class in whose share the word falls, never an excluded one: %s",
    async (_, index) => {
      for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(index)], 2)) {
        const opened = await openTiny(modules, index, conditions);
        const { shares, excluded, bucketLogWeights } = opened.index;
        for (const bucket of index.bucketCodes.keys()) {
          if (bucketLogWeights[bucket] === Number.NEGATIVE_INFINITY) continue; // nothing of it is ever drawn
          if (index.bucketCodes.length > 1000 && bucket % 16 !== 0) continue;
          const { first, end, count } = positionsOf(index, bucket);
          const step = Math.ceil(count / 100);
          const words = [0, 1, 2 ** 31, WORDS - 1];
          for (let p = first; p < end; p += step) {
            const word = 2 * (shares[p] as number); // 2^32 where no class is left from here on
            words.push(...[word - 1, word, word + 1, word + 2].filter((near) => near >= 0 && near < WORDS));
          }
          const expected = words.map((word) => reference.positionIn(opened.index, bucket, word));
          for (const placesGuides of [0, 1]) {
            opened.setLayout(structs.LAYOUT_PLACES_GUIDES, placesGuides);
            const found = words.map((word) => opened.kernels.positionIn(opened.layout, bucket, word));
            expect(found, `${name}, bucket ${bucket}, guides ${placesGuides}`).toEqual(expected);
          }
          expect(expected.filter((p) => excluded.has(p) || p < first || p >= end)).toEqual([]);
        }
      }
    },
  );

  test.each([15, 16, 17, 31, 32, 33, 47, 48, 49, 4099])(
    "names every class for the first and last word of its share, in two buckets of %d",
    async (count) => {
      const codes = Array.from({ length: 5 + 2 * count }, (_, id) => (id < 5 ? 0 : id < 5 + count ? 1 : 2));
      for (const unevenness of [0, 1, 12]) {
        const bias = biases(codes.length, 8).map((value) => unevenness * value);
        const opened = await openTiny(modules, tinyIndex({ itemCount: codes.length, dim: 1, bits: 1, codes, bias }));
        const { shares } = opened.index;
        // The first bucket has guides from the start, and the second gets them when its shares are in place.
        for (const [bucket, placesGuides] of [
          [1, 1],
          [2, 0],
          [2, 1],
        ] as const) {
          opened.setLayout(structs.LAYOUT_PLACES_GUIDES, placesGuides);
          const { first, end } = positionsOf(opened.index, bucket);
          const named: number[] = [];
          for (let p = first; p < end; p++) {
            const start = shares[p] as number;
            const last = start + shareWidth(shares, p, end) - 1;
            for (const word of [2 * start, 2 * last + 1]) {
              named.push(opened.kernels.positionIn(opened.layout, bucket, word));
            }
          }
          expect(named).toEqual(Array.from({ length: 2 * count }, (_, i) => first + (i >> 1)));
        }
      }
    },
  );
});

describeBuilds("logMassAt", (modules) => {
  test.each(WITH_CLASSES)("equals the reference bit for bit: %s", async (_, index) => {
    for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(index)], 2)) {
      const opened = await openTiny(modules, index, conditions);
      const { scores } = openTail(opened, 1, 0);
      opened.setSearch(structs.SEARCH_MASS_PATH, MASS_PATH_F64);
      const places: [bucket: number, position: number][] = [];
      for (const bucket of index.bucketCodes.keys()) {
        const { first, end } = positionsOf(index, bucket);
        for (let p = first; p < end; p += 1 + Math.floor((end - first) / 50)) places.push([bucket, p]);
        places.push([bucket, end - 1]);
      }
      const found = places.map(([bucket, position]) => opened.kernels.logMassAt(opened.layout, bucket, position));
      expect(found, name).toEqual(
        places.map(([bucket, position]) => reference.logMassAt(opened.index, scores, bucket, position)),
      );
    }
  });
});

const anyOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The reference's tail behind a head of at most `scan` classes, from logarithms if needed. */
function tailOf(index: DerivedIndex, seed: number, scan: number, query = anyQuery(index, seed)) {
  const scores = reference.subScores(index, reference.prepareQuery(index, query));
  const masses = reference.bucketMasses(index, scores);
  const byLogs = reference.bucketLogMasses(index, scores);
  const head = reference.selectHead(index, byLogs.slotKeys, LOG_FLOOR, scan, 0);
  const direct: Masses = masses.enough ? masses : reference.massesFromLogs(index, byLogs.slotLogMasses, head.headSlots);
  return { scores, direct, head, tail: reference.sumTail(index, direct.slotMasses, head.headSlots) };
}

/** The same in memory: masses and head are those of the reference, sums those of the kernel. */
function openTail(opened: OpenedTiny, seed: number, scan: number, query = anyQuery(opened.index, seed)) {
  const expected = tailOf(opened.index, seed, scan, query);
  writeScores(opened, expected.scores);
  opened.write("slotMasses", expected.direct.slotMasses);
  opened.write("blockSums", expected.direct.blockSums);
  opened.write("headSlots", expected.head.headSlots);
  opened.setSearch(structs.SEARCH_HEAD_BUCKET_COUNT, expected.head.headSlots.length);
  opened.kernels.sumTail(opened.layout);
  return expected;
}

function writeScores(opened: OpenedTiny, { subScores1, subScores2 }: SubScores): void {
  opened.write("subScores1", subScores1);
  opened.write("subScores2", subScores2);
}

/** Makes these the masses of a tail without a head. */
function writeMasses(opened: OpenedTiny, slotMasses: Float32Array): Tail {
  opened.write("slotMasses", slotMasses);
  opened.write("blockSums", sumBlocks(slotMasses));
  opened.setSearch(structs.SEARCH_HEAD_BUCKET_COUNT, 0);
  opened.kernels.sumTail(opened.layout);
  const tail = reference.sumTail(opened.index, slotMasses, new Int32Array(0));
  expect(readTail(opened)).toEqual(tail);
  return tail;
}

function readTail(opened: OpenedTiny): Tail {
  const { slots } = opened.index;
  return {
    slotMasses: opened.read(Float32Array, "slotMasses", slots.slotBuckets.length),
    blockSums: opened.read(Float32Array, "blockSums", 4 * slots.blockCount),
    groupPrefix: opened.read(Float64Array, "groupPrefix", slots.groupBlocks.length),
    tailTotal: opened.search(structs.SEARCH_TAIL_TOTAL),
  };
}

/**
 * Three f32 masses whose prefix sums of lanes 2 and 3 differ, and the smaller one, which is below their sum by lanes.
 */
function unevenTriples(): { masses: number[]; target: number }[] {
  const f32 = Math.fround;
  const values = randomRows(3000, 77).map((value) => 1 + value);
  const triples = Array.from({ length: 1000 }, (_, i) => Array.from(values.subarray(3 * i, 3 * i + 3)));
  const found = triples.flatMap((masses) => {
    const [v0 = 0, v1 = 0, v2 = 0] = masses;
    const [lane2, lane3] = [f32(f32(v2 + v1) + v0), f32(v2 + f32(v1 + v0))];
    const target = Math.min(lane2, lane3);
    return lane2 !== lane3 && target < f32(f32(v0 + v2) + v1) ? [{ masses, target }] : [];
  });
  expect(found.length).toBeGreaterThan(20);
  return found;
}

/** The interval of each slot that has a mass, in f64 from the prefix of its group. */
function intervalsOf(opened: OpenedTiny, tail: Tail): Map<number, { start: number; end: number }> {
  const { groupBlocks } = opened.index.slots;
  const intervals = new Map<number, { start: number; end: number }>();
  for (let group = 0; group + 1 < groupBlocks.length; group++) {
    let start = tail.groupPrefix[group] as number;
    for (let slot = 32 * (groupBlocks[group] as number); slot < 32 * (groupBlocks[group + 1] as number); slot++) {
      const mass = tail.slotMasses[slot] as number;
      if (mass > 0) intervals.set(slot, { start, end: start + mass });
      start += mass;
    }
  }
  return intervals;
}

/** Targets at even steps over the tail, and at the middles, starts and ends of up to 200 slots. */
function targetsOf(tail: Tail, intervals: ReturnType<typeof intervalsOf>): number[] {
  const targets = Array.from({ length: 200 }, (_, i) => ((i + 0.37) / 200) * tail.tailTotal);
  const step = Math.ceil(intervals.size / 200);
  for (const [i, { start, end }] of [...intervals.values()].entries()) {
    if (i % step === 0) targets.push(start, start * (1 - U), (start + end) / 2, end * (1 - U), end);
  }
  return targets.filter((target) => target < tail.tailTotal);
}
