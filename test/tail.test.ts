import { describe, expect, test } from "vitest";
import * as abi from "../src/abi.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "./index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "./opened.ts";
import { reference } from "./reference.ts";
import { type DerivedIndex, derive } from "./reference/buckets.ts";
import { LOG_FLOOR } from "./reference/head.ts";
import { type Masses, type SubScores, sumBlocks } from "./reference/masses.ts";
import { codesOf, positionsOf } from "./reference/reference-index.ts";
import { groupAt, shareWidth, type Tail } from "./reference/tail.ts";
import { anyCodes, tinyIndex } from "./tiny-index.ts";
import { randomRows } from "./train/rows.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const WITH_CLASSES = ALL_CASES.filter(([, index]) => index.facts.itemCount > 0);
const HEADS = [0, 1, 20, 300];
const WHOLE = 2 ** 32;

/** f32's unit roundoff. */
const U = 2 ** -24;

/**
 * How far slotIn's boundaries may be off, as a share of the group's mass: a rounding of the target; over each window of
 * eight blocks the blocks' own sums (8 quads), their lanes (2), prefix sums (3) and the subtraction; within a block the
 * quads' lanes (2), prefix sums (3), the subtraction, and prefix sums of the slots (2).
 */
const slotInBound = (blocks: number): number => U * (1 + 14 * Math.ceil(blocks / 8) + 8);

describe("the reference of sumTail", () => {
  test.each(WITH_CLASSES)("is the f64 sum of the tail's masses to f32 rounding: %s", (_, plain) => {
    const index = derive(plain);
    for (const scan of HEADS) {
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
    const index = derive(plain);
    const { scores } = tailOf(index, 1, 0);
    for (const bucket of index.bucketCodes.keys()) {
      const { first, end, count } = positionsOf(index, bucket);
      const { k1, k2 } = codesOf(index, bucket);
      const score = (scores.subScores1[k1] as number) + (scores.subScores2[k2] as number);
      let sum = 0;
      for (let p = first; p < end; p++) sum += Math.exp(reference.logMassAt(index, scores, bucket, p) - score);
      const logWeight = index.bucketLogWeights[bucket] as number;
      // Without bias it is count itself; the tables round log w_b.
      const bound = index.bias ? 1e-9 : U * Math.log(count) + 1e-9;
      expect(Math.abs(Math.log(sum) - logWeight), `bucket ${bucket}`).toBeLessThanOrEqual(bound + 2 ** -50 * Math.abs(score));
    }
  });
});

describeBuilds("sumTail", (module) => {
  test.each(ALL_CASES)("equals the reference bit for bit: %s", async (_, index) => {
    const opened = await openTiny(module, index);
    for (const scan of HEADS) {
      const { tail } = openTail(opened, 1, scan);
      expect(readTail(opened)).toEqual(tail);
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test("sums what is left where the head holds all but 2^-80 of the mass", async () => {
    // One bucket at e^0, fifteen at e^−56: beside the head's mass no f32 sum would see them.
    const index = tinyIndex({ itemCount: 16, dim: 1, bits: 2, codes: anyOrder(16), scale: 0 });
    index.codebook1.fill(-28);
    index.codebook2.fill(-28);
    index.codebook1[1] = 0;
    index.codebook2[2] = 0;
    const opened = await openTiny(module, index);
    const { head } = openTail(opened, 1, 1, Float32Array.of(1));
    expect(Array.from(head.headBuckets)).toEqual([1 * 4 + 2]);
    const left = Array.from({ length: 16 }, (_, bucket) => (bucket >> 2 === 1 ? 0 : -28) + (bucket % 4 === 2 ? 0 : -28));
    const exact = left.reduce((sum, score) => sum + (score < 0 ? Math.exp(score) : 0), 0);
    expect(Math.abs(opened.search(abi.SEARCH_TAIL_TOTAL) / exact - 1)).toBeLessThan(1e-6);
  });

  test("leaves nothing, to the last bit, where every bucket is in the head", async () => {
    const opened = await openTiny(module, tinyIndex({ itemCount: 300, dim: 3, bits: 3, bias: biases(300, 1) }));
    openTail(opened, 1, 300);
    expect(opened.search(abi.SEARCH_TAIL_TOTAL)).toBe(0);
    expect(opened.read(Float64Array, "groupPrefix", 9)).toEqual(new Float64Array(9));
  });
});

describeBuilds("slotIn", (module) => {
  test.each(WITH_CLASSES)("names the slot that the walk names, or its neighbour next to a boundary: %s", async (_, index) => {
    const opened = await openTiny(module, index);
    const { groupBlocks, slotBuckets } = opened.index.slots;
    for (const scan of HEADS) {
      const { tail } = openTail(opened, 2, scan);
      if (tail.tailTotal === 0) continue;
      let different = 0;
      const targets = targetsOf(tail);
      for (const target of targets) {
        const group = groupAt(tail, target);
        const groupMass = (tail.groupPrefix[group + 1] as number) - (tail.groupPrefix[group] as number);
        const blocks = (groupBlocks[group + 1] as number) - (groupBlocks[group] as number);
        const slot = opened.kernels.slotIn(opened.layout, group, target);
        const expected = reference.slotIn(opened.index, tail, group, target);
        expect(slotBuckets[slot], `target ${target}`).toBeGreaterThanOrEqual(0);
        expect(tail.slotMasses[slot]).toBeGreaterThan(0);
        if (slot === expected.slot) continue;
        different++;
        expect(expected.margin, `target ${target}: slot ${slot}, not ${expected.slot}`).toBeLessThanOrEqual(
          slotInBound(blocks) * groupMass,
        );
        expect(neighbours(tail, expected.slot)).toContain(slot);
      }
      expect(different / targets.length, "targets next to a boundary").toBeLessThan(0.7);
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test("is exact where masses are integers", async () => {
    const index = tinyIndex({ itemCount: 1024, dim: 1, bits: 9, codes: anyCodes(1024, 1024, 3) }); // two groups, many blocks
    const opened = await openTiny(module, index);
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
    ["above", 1, U, U, 1 + 2 * U],
    ["below", 1, 3 * U, U, 1 + 4 * U],
  ])("never names a slot of mass 0 where one prefix sum rounds %s the other", async (_, ...numbers) => {
    // Prefix sums of a quad (v0, v1, v2, 0) are (v2 + v1) + v0 behind lane 2 but v2 + (v1 + v0) behind lane 3: what lies
    // between the two falls into lane 3 unless its mass is looked at. The same holds for quads and blocks.
    const [v0 = 0, v1 = 0, v2 = 0, target = 0] = numbers;
    const index = tinyIndex({ itemCount: 16, dim: 1, bits: 2, codes: anyOrder(16) });
    const opened = await openTiny(module, index);
    const { slotBuckets } = opened.index.slots;
    for (const place of [0, 1, 2]) {
      const masses = new Float32Array(slotBuckets.length);
      masses.set([v0, v1, v2], 32 * place);
      const tail = writeMasses(opened, masses);
      for (let steps = -4; steps <= 4; steps++) {
        const near = target + steps * U;
        if (near >= tail.tailTotal) continue;
        const slot = opened.kernels.slotIn(opened.layout, groupAt(tail, near), near);
        expect(tail.slotMasses[slot], `target ${target} + ${steps} u: slot ${slot}`).toBeGreaterThan(0);
      }
    }
  });

  test("never names a slot of mass 0 at any f32 next to a boundary, whatever quads and blocks are empty", async () => {
    const index = tinyIndex({ itemCount: 512, dim: 1, bits: 9, codes: anyOrder(512) }); // one group of 16 blocks
    const opened = await openTiny(module, index);
    for (let round = 0; round < 60; round++) {
      // Few slots with a mass, so that empty lanes, quads and blocks stand behind and between them.
      const noise = randomRows(512, 70 + round);
      const masses = noise.map((value, i) => (i % 7 === round % 7 && value > 0.2 ? value * 2 ** ((i * 5) % 4) : 0));
      const tail = writeMasses(opened, masses);
      for (const boundary of boundariesOf(tail)) {
        for (let steps = -3; steps <= 3; steps++) {
          const target = boundary * (1 + 2 * steps * U);
          if (!(target >= 0 && target < tail.tailTotal)) continue;
          const slot = opened.kernels.slotIn(opened.layout, 0, target);
          if ((tail.slotMasses[slot] as number) > 0) continue;
          expect.fail(`round ${round}, target ${target} of ${tail.tailTotal}: slot ${slot} has no mass`);
        }
      }
    }
  });

  test("takes the last slot with a mass for a target that rounds to the end", async () => {
    const index = tinyIndex({ itemCount: 16, dim: 1, bits: 2, codes: anyOrder(16) });
    const opened = await openTiny(module, index);
    const masses = new Float32Array(opened.index.slots.slotBuckets.length);
    masses.set([0, 1, 0, 0.5], 0);
    masses.set([0.25, 3, 0, 0], 32);
    const tail = writeMasses(opened, masses);
    expect(opened.kernels.slotIn(opened.layout, 3, tail.tailTotal), "from behind an empty group").toBe(33);
    expect(opened.kernels.slotIn(opened.layout, 1, tail.tailTotal)).toBe(33);
    expect(opened.kernels.slotIn(opened.layout, 0, 1.5)).toBe(3);
  });
});

describeBuilds("positionIn", (module) => {
  test.each(WITH_CLASSES)("names the class in whose share the word falls: %s", async (_, index) => {
    const opened = await openTiny(module, index);
    const { shares } = opened.index;
    for (const bucket of opened.index.bucketCodes.keys()) {
      if (opened.index.bucketCodes.length > 1000 && bucket % 16 !== 0) continue;
      const { first, end, count } = positionsOf(index, bucket);
      const step = Math.ceil(count / 100);
      const words = [0, 1, 2 ** 31, WHOLE - 1];
      for (let p = first; p < end; p += step) {
        // Without bias the class of word r is ⌊r count / 2^32⌋.
        const start = shares ? (shares[p] as number) : Math.ceil(((p - first) * WHOLE) / count);
        words.push(start, Math.max(0, start - 1), Math.min(WHOLE - 1, start + 1));
      }
      for (const word of words) {
        const expected = reference.positionIn(opened.index, bucket, word);
        expect(opened.kernels.positionIn(opened.layout, bucket, word), `bucket ${bucket}, word ${word}`).toBe(expected);
      }
    }
  });

  test.each([15, 16, 17, 31, 32, 33, 47, 48, 49, 4099])(
    "names every class for the first and last word of its share, in two buckets of %d",
    async (count) => {
      const codes = Array.from({ length: 5 + 2 * count }, (_, id) => (id < 5 ? 0 : id < 5 + count ? 1 : 2));
      for (const unevenness of [0, 1, 12]) {
        const bias = biases(codes.length, 8).map((value) => unevenness * value);
        const opened = await openTiny(module, tinyIndex({ itemCount: codes.length, dim: 1, bits: 1, codes, bias }));
        const shares = opened.index.shares as Uint32Array;
        for (const bucket of [1, 2]) {
          const { first, end } = positionsOf(opened.index, bucket);
          for (let p = first; p < end; p++) {
            const start = shares[p] as number;
            const last = start + shareWidth(shares, p, end) - 1;
            expect(opened.kernels.positionIn(opened.layout, bucket, start)).toBe(p);
            expect(opened.kernels.positionIn(opened.layout, bucket, last)).toBe(p);
          }
        }
      }
    },
  );
});

describeBuilds("logMassAt", (module) => {
  test.each(WITH_CLASSES)("equals the reference bit for bit: %s", async (_, index) => {
    const opened = await openTiny(module, index);
    const { scores } = openTail(opened, 1, 0);
    for (const bucket of index.bucketCodes.keys()) {
      const { first, end } = positionsOf(index, bucket);
      for (let p = first; p < end; p += 1 + Math.floor((end - first) / 50)) {
        const expected = reference.logMassAt(opened.index, scores, bucket, p);
        expect(opened.kernels.logMassAt(opened.layout, bucket, p), `bucket ${bucket}, position ${p}`).toBe(expected);
      }
      const last = reference.logMassAt(opened.index, scores, bucket, end - 1);
      expect(opened.kernels.logMassAt(opened.layout, bucket, end - 1), "last of the bucket").toBe(last);
    }
  });
});

const anyOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The reference's tail behind a head of at most `scan` classes, by the logarithmic road where it has to be. */
function tailOf(index: DerivedIndex, seed: number, scan: number, query = anyQuery(index, seed)) {
  const scores = reference.subScores(index, reference.prepareQuery(index, query));
  const masses = reference.bucketMasses(index, scores);
  const byLogs = reference.bucketLogMasses(index, scores);
  const direct: Masses = masses.enough ? masses : reference.massesFromLogs(index, byLogs.slotLogMasses);
  const head = reference.selectHead(index, byLogs.slotKeys, LOG_FLOOR, scan, 0);
  return { scores, direct, head, tail: reference.sumTail(index, direct.slotMasses, head.headSlots) };
}

/** The same in memory: masses and head are the reference's, the sums the kernel's. */
function openTail(opened: OpenedTiny, seed: number, scan: number, query = anyQuery(opened.index, seed)) {
  const expected = tailOf(opened.index, seed, scan, query);
  writeScores(opened, expected.scores);
  opened.write("slotMasses", expected.direct.slotMasses);
  opened.write("blockSums", expected.direct.blockSums);
  opened.write("headSlots", expected.head.headSlots);
  opened.setSearch(abi.SEARCH_HEAD_BUCKET_COUNT, expected.head.headSlots.length);
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
  opened.setSearch(abi.SEARCH_HEAD_BUCKET_COUNT, 0);
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
    tailTotal: opened.search(abi.SEARCH_TAIL_TOTAL),
  };
}

/** Where one slot with a mass ends and the next begins, in f64. */
function boundariesOf(tail: Tail): number[] {
  let sum = 0;
  return Array.from(tail.slotMasses.filter((mass) => mass > 0), (mass) => (sum += mass));
}

/** Even steps over the tail; and the middles, beginnings and ends of up to 200 slots. */
function targetsOf(tail: Tail): number[] {
  const targets = Array.from({ length: 200 }, (_, i) => ((i + 0.37) / 200) * tail.tailTotal);
  const boundaries = boundariesOf(tail);
  for (let i = 0; i < boundaries.length; i += Math.ceil(boundaries.length / 200)) {
    const end = boundaries[i] as number;
    const start = boundaries[i - 1] ?? 0;
    targets.push(start, start * (1 - U), (start + end) / 2, end * (1 - U), end);
  }
  return targets.filter((target) => target < tail.tailTotal);
}

/** The slots with a mass next to this one. */
function neighbours({ slotMasses }: Tail, slot: number): number[] {
  const next = slotMasses.findIndex((mass, i) => i > slot && mass > 0);
  return [slotMasses.findLastIndex((mass, i) => i < slot && mass > 0), next];
}
