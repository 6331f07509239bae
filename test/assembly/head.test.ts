import { describe, expect, test } from "vitest";
import { SEARCH_HEAD_BUCKET_COUNT } from "../../build/structs.ts";
import { anyQuery, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../fixtures/opened.ts";
import { anyCodes, tinyIndex } from "../fixtures/tiny-index.ts";
import { type DerivedIndex, derive } from "../reference/buckets.ts";
import { LOG_FLOOR, MASS_FLOOR } from "../reference/head.ts";
import { reference } from "../reference/index.ts";
import { maximaOf } from "../reference/masses.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";
import { conditionsOf } from "./condition-cases.ts";

const LEAST_I32 = -(2 ** 31);
/** The floor of made-up keys; the kernel takes a floor as an argument. */
const FLOOR = 1;

/** Budgets of all sizes: below, at and above the numbers at which the selection changes its method. */
const budgets = (itemCount: number): { scan: number; k: number }[] =>
  inTurn(
    [0, 1, 7, 16, 24, 100, 333, 1000, itemCount - 1, itemCount, itemCount + 5]
      .filter((scan) => scan >= 0)
      .flatMap((scan) => [0, 1, 40].map((k) => ({ scan, k }))),
    4,
  );

describe("the reference of selectHead", () => {
  // Four buckets of 3, 1, 4 and 2 classes.
  const index = derive(tinyIndex({ itemCount: 10, dim: 2, bits: 1, codes: [0, 0, 0, 1, 2, 2, 2, 2, 3, 3] }));
  const choose = (keys: number[], scan: number, k: number) =>
    Array.from(reference.selectHead(index, slotKeysOf(index, Int32Array.from(keys), 0), FLOOR, scan, k).headBuckets);

  test.each([
    ["the best that fit", [4, 9, 7, 8], 7, 0, [1, 2, 3]],
    ["none behind the first that does not fit", [9, 1, 8, 2], 5, 0, [0]],
    ["the lower bucket of equals", [5, 5, 5, 5], 4, 0, [0, 1]],
    ["k classes at least, the last bucket whole", [1, 2, 9, 8], 0, 5, [2, 3]],
    ["one bucket for k = 1, whatever its size", [1, 2, 9, 8], 0, 1, [2]],
    ["no more once there are k", [1, 2, 9, 8], 5, 4, [2]],
    ["all where the budget covers all, keys or not", [0, 0, 0, 0], 10, 0, [0, 1, 2, 3]],
    ["nothing without a mass", [0, 0, 0, 0], 9, 3, []],
    ["nothing for a budget of 0", [4, 9, 7, 8], 0, 0, []],
    ["nothing where the best is over the budget", [1, 2, 9, 8], 3, 0, []],
  ])("takes %s", (_, keys, scan, k, expected) => {
    expect(choose(keys, scan, k)).toEqual(expected);
  });

  // The buckets have one class, none, four and two left.
  const filtered = derive(index, { excluded: new Set([0, 2, 3]) });
  test.each([
    ["counts the classes left", [9, 7, 8, 6], 5, 0, [0, 2]],
    ["takes k of them", [9, 7, 8, 6], 0, 6, [0, 2, 3]],
    ["takes all where the budget covers those left", [0, 0, 0, 0], 7, 0, [0, 2, 3]],
    ["takes nothing without a mass for a budget of all but one", [0, 0, 0, 0], 6, 0, []],
  ])("under a filter %s", (_, keys, scan, k, expected) => {
    const slotKeys = slotKeysOf(filtered, Int32Array.from(keys), 0);
    const { headBuckets } = reference.selectHead(filtered, slotKeys, FLOOR, scan, k);
    expect(Array.from(headBuckets)).toEqual(expected);
  });
});

describeBuilds("selectHead and headPositions", (modules) => {
  test.each([...INDEX_CASES, ...LARGE_LOGIT_CASES])("equal the reference, both ways: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    opened.ask(anyQuery(index, 1));
    opened.kernels.subScores(opened.layout);
    const slots = opened.index.slots.slotBuckets.length;
    opened.kernels.bucketMasses(opened.layout);
    const byMass = opened.read(Int32Array, "slotKeys", slots);
    for (const { scan, k } of budgets(index.facts.itemCount)) expectReference(opened, byMass, MASS_FLOOR, scan, k);
    opened.kernels.bucketLogMasses(opened.layout, 0);
    const byLogs = opened.read(Int32Array, "slotKeys", slots);
    for (const { scan, k } of budgets(index.facts.itemCount)) expectReference(opened, byLogs, LOG_FLOOR, scan, k);
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each([...INDEX_CASES, ...LARGE_LOGIT_CASES])(
    "equal the reference under every condition: %s",
    async (_, index) => {
      for (const [name, conditions] of conditionsOf(index)) {
        const opened = await openTiny(modules, index, conditions);
        opened.ask(anyQuery(index, 2));
        opened.kernels.subScores(opened.layout);
        const slots = opened.index.slots.slotBuckets.length;
        const left = opened.index.allowedCount;
        opened.kernels.bucketMasses(opened.layout);
        const byMass = opened.read(Int32Array, "slotKeys", slots);
        for (const { scan, k } of budgets(left)) expectReference(opened, byMass, MASS_FLOOR, scan, k);
        opened.kernels.bucketLogMasses(opened.layout, 0);
        const byLogs = opened.read(Int32Array, "slotKeys", slots);
        for (const { scan, k } of budgets(left)) expectReference(opened, byLogs, LOG_FLOOR, scan, k);
        expect(opened.strayWrites(), name).toEqual([]);
      }
    },
  );

  const many = derive(tinyIndex({ itemCount: 6000, dim: 1, bits: 6, codes: anyCodes(6000, 4096, 40) }));
  const bucketCount = many.facts.bucketCount; // about 3,150
  const noise = randomRows(bucketCount, 41);
  const KEYS: Record<string, (bucket: number) => number> = {
    "all equal": () => 77,
    "all at the floor": () => FLOOR,
    "without a mass but for 20 equal ones": (bucket) => (bucket % 150 === 7 ? 5 : 0),
    "of two values": (bucket) => ((noise[bucket] as number) > 0.8 ? 1_000_000 : 999_999),
    "of ten values, many ties at any cut": (bucket) => Math.floor(5 * (noise[bucket] as number)) + 6,
    "spread over all positive i32": (bucket) => Math.floor(((noise[bucket] as number) + 1) * 2 ** 30) || 1,
    "rising with the bucket": (bucket) => bucket + 1,
    "falling with the bucket": (bucket) => bucketCount - bucket,
    "one far above the rest": (bucket) => (bucket === 1234 ? 2 ** 31 - 1 : 1 + (bucket % 3)),
  };
  test.each(Object.entries(KEYS))("equal the reference among 3,000 buckets with keys %s", async (_, key) => {
    const opened = await openTiny(modules, many);
    const slotKeys = slotKeysOf(
      many,
      Int32Array.from({ length: bucketCount }, (_, bucket) => key(bucket)),
      0,
    );
    writeKeys(opened, slotKeys);
    for (const { scan, k } of budgets(6000)) expectReference(opened, slotKeys, FLOOR, scan, k);
    expect(opened.strayWrites()).toEqual([]);
  });

  test("equal the reference with keys of logarithms over the whole range of i32", async () => {
    const opened = await openTiny(modules, many);
    const ends = Int32Array.from({ length: bucketCount }, (_, bucket) =>
      bucket % 5 === 0 ? LOG_FLOOR : bucket % 7 === 0 ? 2 ** 31 - 1 : Math.floor((noise[bucket] as number) * 2 ** 31),
    );
    const slotKeys = slotKeysOf(many, ends, LEAST_I32);
    writeKeys(opened, slotKeys);
    for (const { scan, k } of budgets(6000)) expectReference(opened, slotKeys, LOG_FLOOR, scan, k);
  });

  test("equal the reference with every second block fuller, up to all classes but one", async () => {
    // There are 512 groups of a block each. Thresholds are searched in every second one.
    const codes = Array.from({ length: 512 }, (_, group) =>
      (group % 2 ? [0] : [0, 1, 2, 3]).map((k2) => 512 * group + k2),
    );
    const index = derive(tinyIndex({ itemCount: 1280, dim: 1, bits: 9, codes: codes.flat() }));
    const opened = await openTiny(modules, index);
    const slotKeys = slotKeysOf(
      index,
      Int32Array.from(index.bucketCodes, (_, bucket) => 1 + ((bucket * 7919) % 99_991)),
      0,
    );
    writeKeys(opened, slotKeys);
    for (const scan of [1, 100, 600, 900, 1000, 1250, 1279]) expectReference(opened, slotKeys, FLOOR, scan, 0);
  });

  test("equal the reference among 9,000 buckets in 2,048 blocks", async () => {
    const index = tinyIndex({ itemCount: 10_000, dim: 2, bits: 8, codes: anyCodes(10_000, 65536, 43) });
    const opened = await openTiny(modules, index);
    opened.ask(Float32Array.of(1.5, -0.5));
    opened.kernels.subScores(opened.layout);
    opened.kernels.bucketMasses(opened.layout);
    const slotKeys = opened.read(Int32Array, "slotKeys", opened.index.slots.slotBuckets.length);
    for (const scan of [0, 1, 100, 1024, 5000, 9999]) expectReference(opened, slotKeys, MASS_FLOOR, scan, 10);
  });

  test("equal the reference for every budget of a small index with ties", async () => {
    const index = derive(tinyIndex({ itemCount: 45, dim: 1, bits: 2, codes: anyCodes(45, 16, 42) }));
    const opened = await openTiny(modules, index);
    for (const seed of [1, 2, 3, 4]) {
      const keys = Int32Array.from(anyCodes(index.facts.bucketCount, 4, 42 + seed));
      const slotKeys = slotKeysOf(index, keys, 0);
      writeKeys(opened, slotKeys);
      for (let scan = 0; scan <= 46; scan++) {
        for (const k of [0, 1, 2, 3, 5, 8, 20, 44]) expectReference(opened, slotKeys, FLOOR, scan, k);
      }
    }
  });

  test("list the classes of buckets of every size, and of buckets of thousands", async () => {
    const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 4097, 1, 1, 31];
    const codes = sizes.flatMap((size, bucket) => new Array<number>(size).fill(bucket));
    const index = derive(tinyIndex({ itemCount: codes.length, dim: 1, bits: 2, codes }));
    const opened = await openTiny(modules, index);
    for (let subset = 1; subset < 2 ** sizes.length; subset += 37) {
      const keys = Int32Array.from(sizes, (_, bucket) => (subset >> bucket) & 1);
      const slotKeys = slotKeysOf(index, keys, 0);
      writeKeys(opened, slotKeys);
      expectReference(opened, slotKeys, FLOOR, codes.length - 1, 0);
    }
    expect(opened.strayWrites()).toEqual([]);
  });
});

/** Keys by slot from keys by bucket, with `empty` in empty slots. */
function slotKeysOf(index: DerivedIndex, keys: Int32Array, empty: number): Int32Array {
  return index.slots.slotBuckets.map((bucket) => (bucket < 0 ? empty : (keys[bucket] as number)));
}

function writeKeys(opened: OpenedTiny, slotKeys: Int32Array): void {
  opened.write("slotKeys", slotKeys);
  opened.write("blockMaxima", maximaOf(slotKeys));
}

function expectReference(opened: OpenedTiny, slotKeys: Int32Array, floor: number, scan: number, k: number): void {
  const expected = reference.selectHead(opened.index, slotKeys, floor, scan, k);
  const headCount = opened.kernels.selectHead(opened.layout, floor, scan, k);
  const buckets = opened.search(SEARCH_HEAD_BUCKET_COUNT);
  const head = {
    headBuckets: opened.read(Int32Array, "headBuckets", buckets),
    headSlots: opened.read(Int32Array, "headSlots", buckets),
    headCount,
  };
  expect(head, `scan ${scan}, k ${k}`).toEqual(expected);
  expect(opened.kernels.headPositions(opened.layout)).toBe(headCount);
  const positions = opened.read(Int32Array, "headPositions", headCount);
  expect(positions).toEqual(reference.headPositions(opened.index, expected.headBuckets));
}
