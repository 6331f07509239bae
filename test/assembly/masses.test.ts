import { describe, expect, test } from "vitest";
import {
  LAYOUT_BUCKET_LOG_WEIGHTS,
  SEARCH_GROUP_SHIFT,
  SEARCH_HEAD_BUCKET_COUNT,
  SEARCH_MASS_PATH,
  SEARCH_MASS_SHIFT,
  SEARCH_SECOND_SHIFT,
  SEARCH_TILT_PATH,
  SEARCH_TILT_RATE,
} from "../../build/structs.ts";
import { BLOCK_SLOTS } from "../../src/abi.ts";
import { align16 } from "../../src/memory/plan.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny, writeConditions } from "../fixtures/opened.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { type DerivedIndex, derive } from "../reference/buckets.ts";
import { LOG_FLOOR, MASS_FLOOR } from "../reference/head.ts";
import { reference } from "../reference/index.ts";
import type { SubScores } from "../reference/mass-units.ts";
import { type Masses, orderKey } from "../reference/masses.ts";
import { bucketAt, codesOf } from "../reference/reference-index.ts";
import { type Conditions, heldLogWeights, LEAST_F32 } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";
import { TILT_STEP } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";
import { conditionsOf } from "./condition-cases.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const QUERY_SEEDS = [1, 2];
const UNCONDITIONAL: [string, Conditions] = ["of all classes", {}];
const NO_HEAD = new Int32Array(0);

/** f32's unit roundoff. */
const U = 2 ** -24;
/** The relative error of exp4, and the smallest argument that it does not clamp (exp.test.ts). */
const EXP4_ERROR = 8.2e-8;
const LEAST_EXPONENT = -87;

describe("the references of the masses", () => {
  test.each(ALL_CASES)("agree with w_b e^(s_b) in f64, both ways: %s", (_, plain) => {
    for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(plain)], 2)) {
      const index = derive(plain, conditions);
      const scores = reference.subScores(index, reference.prepareQuery(index, anyQuery(index, 1)));
      const direct = reference.bucketMasses(index, scores);
      const byLogs = reference.massesFromLogs(index, reference.bucketLogMasses(index, scores).slotLogMasses, NO_HEAD);
      const [shift1, shift2] = shiftsOf(index, scores);
      let compared = 0;
      for (const [slot, bucket] of index.slots.slotBuckets.entries()) {
        if (bucket < 0) {
          expect([direct.slotMasses[slot], byLogs.slotMasses[slot]]).toEqual([0, 0]);
          continue;
        }
        const { a, e, logWeight, groupLogWeight, logFactor, logTilt } = logsOf(index, scores, bucket);
        const exact = a + e + logWeight;
        const [first, second, third] = [a + groupLogWeight - shift1, e - shift2, logWeight - groupLogWeight];
        if (Math.min(first, second, third) > LEAST_EXPONENT && exact - direct.massShift > LEAST_EXPONENT) {
          // The terms are the sum and difference of the first factor, the differences of the others, three exp4 and two
          // products.
          const sums = Math.abs(a + groupLogWeight) + Math.abs(first) + Math.abs(second) + Math.abs(third);
          const bound = U * (sums + 2) + 3 * EXP4_ERROR;
          expectLog(direct, slot, exact + logFactor, bound + 2 * U + (index.dispersions ? TILT_STEP : 0));
          compared++;
        }
        const tilted = exact + logTilt;
        if (tilted - byLogs.massShift > LEAST_EXPONENT) {
          // The terms are three sums, the tilt, the difference and one exp4.
          const sums = Math.abs(a + e) + Math.abs(exact) + Math.abs(tilted) + 2 * logTilt;
          const bound = U * (sums + Math.abs(tilted - byLogs.massShift)) + EXP4_ERROR;
          expectLog(byLogs, slot, tilted, bound);
        }
      }
      expect(compared > 0 || !direct.enough, name).toBe(true);
    }
  });

  test.each(ALL_CASES)("divide sub-scores by the temperature: %s", (_, plain) => {
    const prepared = reference.prepareQuery(plain, anyQuery(plain, 1));
    const { subScores1, subScores2 } = reference.subScores(derive(plain), prepared);
    for (const temperature of [0.5, 3.7]) {
      const divided = reference.subScores(derive(plain, { temperature }), prepared);
      for (const [k, score] of subScores1.entries()) {
        expect(Math.abs((divided.subScores1[k] as number) - score / temperature)).toBeLessThanOrEqual(
          2 * U * Math.abs(score / temperature),
        );
      }
      const half = subScores2.map((score) => 2 * score);
      if (temperature === 0.5) expect(divided.subScores2).toEqual(half);
    }
  });

  test.each(INDEX_CASES)("choose the same head both ways, up to buckets that rounding makes equal: %s", (_, plain) => {
    for (const [, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(plain)], 2)) {
      const index = derive(plain, conditions);
      const scores = reference.subScores(index, reference.prepareQuery(index, anyQuery(index, 1)));
      const direct = reference.bucketMasses(index, scores);
      const byLogs = reference.bucketLogMasses(index, scores);
      for (const scan of [0, 1, 10, 100, 1000]) {
        const head = reference.selectHead(index, direct.slotKeys, MASS_FLOOR, scan, 3).headBuckets;
        const other = reference.selectHead(index, byLogs.slotKeys, LOG_FLOOR, scan, 3).headBuckets;
        const inOne = [...head, ...other].filter((bucket) => !(head.includes(bucket) && other.includes(bucket)));
        if (inOne.length === 0) continue;
        // Both ways take the buckets above the cut and leave those below. They may differ in equal buckets at the cut.
        const logKeys = inOne.map((bucket) => logKeyOf(index, scores, bucket));
        const spread =
          Math.max(...logKeys.map(({ logKey }) => logKey)) - Math.min(...logKeys.map(({ logKey }) => logKey));
        // As a factor, a tilt is up to 6.2 % above itself.
        const tilted = index.dispersions ? Math.log(1.062) : 0;
        expect(spread).toBeLessThanOrEqual(2 * Math.max(...logKeys.map(({ bound }) => bound)) + tilted);
      }
    }
  });
});

describe("orderKey", () => {
  test("keeps the order of f32s, of either sign", () => {
    const values = [-3e38, -1e3, -1, -1.0000001e-30, -1e-30, -1e-45, 0, 1e-45, 1e-30, 1, 1e3, 3e38].map(Math.fround);
    const keys = values.map(orderKey);
    expect(keys.toSorted((a, b) => a - b)).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describeBuilds("bucket masses", (modules) => {
  test.each(ALL_CASES)("equal the reference bit for bit, both ways, under every condition: %s", async (_, index) => {
    for (const [name, conditions] of inTurn([UNCONDITIONAL, ...conditionsOf(index)], 2)) {
      const opened = await openTiny(modules, index, conditions);
      const scores = openedScores(opened, anyQuery(index, 1));
      const { enough, ...expected } = reference.bucketMasses(opened.index, scores);
      expect(opened.kernels.bucketMasses(opened.layout), name).toBe(Number(enough));
      const factors = {
        groupShift: opened.search(SEARCH_GROUP_SHIFT),
        secondShift: opened.search(SEARCH_SECOND_SHIFT),
      };
      expect({ ...masses(opened), ...factors, ...keys(opened) }, name).toEqual(expected);

      const { slotLogMasses, ...logKeys } = reference.bucketLogMasses(opened.index, scores);
      opened.kernels.bucketLogMasses(opened.layout, 0);
      expect(opened.read(Float32Array, "slotMasses", slotLogMasses.length), name).toEqual(slotLogMasses);
      expect(keys(opened), name).toEqual(logKeys);
      writeHead(opened, NO_HEAD);
      opened.kernels.massesFromLogs(opened.layout);
      expect(masses(opened), name).toEqual(reference.massesFromLogs(opened.index, slotLogMasses, NO_HEAD));
      expect(opened.strayWrites(), name).toEqual([]);
    }
  });

  test("are those of the weights in place, after all buckets or some were weighed again, and of another table", async () => {
    const index = tinyIndex({ itemCount: 90, dim: 3, bits: 2, bias: biases(90, 51) });
    const opened = await openTiny(modules, index);
    const { kernels, layout } = opened;
    const changed = [...Array(90).keys()].filter((position) => position % 4 === 1);
    const put = (conditions: Conditions): DerivedIndex => {
      const derived = derive(index, conditions);
      writeConditions(kernels, layout, opened.address("excluded"), derived);
      return derived;
    };
    const expectMasses = (derived: DerivedIndex, name: string): void => {
      openedScores(opened, anyQuery(index, 1));
      kernels.bucketLogMasses(layout, 0);
      const scores = reference.subScores(derived, reference.prepareQuery(index, anyQuery(index, 1)));
      const { slotLogMasses } = reference.bucketLogMasses(derived, scores);
      expect(opened.read(Float32Array, "slotMasses", slotLogMasses.length), name).toEqual(slotLogMasses);
    };
    expectMasses(opened.index, "at first");
    const colder = put({ temperature: 0.7 });
    kernels.weighBuckets(layout, 0, 0);
    expectMasses(colder, "another temperature");
    const filtered = put({ temperature: 0.7, excluded: new Set(changed) });
    const list = Int32Array.from(new Set(changed.map((position) => bucketAt(index, position)))).sort();
    opened.write("headBuckets", list);
    kernels.countBuckets(layout, opened.address("headBuckets"), list.length);
    kernels.weighBuckets(layout, opened.address("headBuckets"), list.length);
    expectMasses(filtered, "a list of buckets");
    const { bucketLogWeights } = opened.opened.plan.regions;
    const second = bucketLogWeights + align16(4 * index.facts.bucketCount);
    const heavier = heldLogWeights(filtered).map((logWeight) => (logWeight > LEAST_F32 ? logWeight + 1 : logWeight));
    new Float32Array(kernels.memory.buffer, second, heavier.length).set(heavier);
    opened.setLayout(LAYOUT_BUCKET_LOG_WEIGHTS, second);
    const slotLogWeights = Float32Array.from(filtered.slots.slotBuckets, (bucket) =>
      bucket < 0 ? LEAST_F32 : (heavier[bucket] as number),
    );
    expectMasses({ ...filtered, slots: { ...filtered.slots, slotLogWeights } }, "another table");
  });

  test.each(ALL_CASES)("equal the reference with radii, whatever the slope: %s", async (_, index) => {
    const opened = await openTiny(modules, index, { temperature: 3.7 });
    const scores = openedScores(opened, anyQuery(index, 1));
    const slotRadii = randomRows(opened.index.slots.slotBuckets.length, 61).map((value) => 5 + 5 * value);
    opened.write("slotRadii", slotRadii);
    for (const slope of [0, 0.3, -0.3, 1e6, -1e6]) {
      const { slotLogMasses, ...logKeys } = reference.bucketLogMasses(opened.index, scores, slope, slotRadii);
      opened.kernels.bucketLogMasses(opened.layout, slope);
      expect(opened.read(Float32Array, "slotMasses", slotLogMasses.length), `slope ${slope}`).toEqual(slotLogMasses);
      expect(keys(opened), `slope ${slope}`).toEqual(logKeys);
    }
  });

  test("keep slots without a class below every bucket's, whatever the logits, and at mass 0", async () => {
    const codes = [0, 1, 2, 3, 4];
    for (const scale of [2 ** -30, 1, 2 ** 38]) {
      const index = tinyIndex({ itemCount: 5, dim: 2, bits: 2, codes, scale });
      const opened = await openTiny(modules, index, { excluded: new Set([1, 4]) });
      openedScores(opened, Float32Array.of(-(2 ** 40), 2 ** 40));
      opened.kernels.bucketLogMasses(opened.layout, 0);
      const { slotKeys } = keys(opened);
      for (const [slot, bucket] of opened.index.slots.slotBuckets.entries()) {
        if (bucket < 0) expect(slotKeys[slot]).toBe(orderKey(LEAST_F32));
        else expect(slotKeys[slot]).toBeGreaterThanOrEqual(LOG_FLOOR);
      }
      expect(orderKey(LEAST_F32)).toBeLessThan(LOG_FLOOR);
      writeHead(opened, NO_HEAD);
      opened.kernels.massesFromLogs(opened.layout);
      const { slotMasses } = masses(opened);
      for (const [slot, bucket] of opened.index.slots.slotBuckets.entries()) {
        expect((slotMasses[slot] as number) > 0).toBe(bucket >= 0);
      }
    }
  });

  test("are in units of the largest group left if the heaviest group has no class", async () => {
    // There are two groups of a class each, with weights e^200 and 1. Without the first, keys are those of the second
    // alone.
    const bias = Float32Array.of(200, 0);
    const index = tinyIndex({ itemCount: 2, dim: 2, bits: 1, codes: [0, 2], bias, scale: 0 });
    const opened = await openTiny(modules, index, { excluded: new Set([0]) });
    openedScores(opened, Float32Array.of(1, 1));
    expect(opened.kernels.bucketMasses(opened.layout)).toBe(1);
    expect(masses(opened).massShift).toBe(0);
    expect(masses(opened).slotMasses.filter((mass) => mass > 0)).toEqual(Float32Array.of(1));
  });

  test.each(ALL_CASES)("are in units of the largest outside of the head, from logarithms: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const scores = openedScores(opened, anyQuery(index, 1));
    const { slotLogMasses } = reference.bucketLogMasses(opened.index, scores);
    const { slotBuckets } = opened.index.slots;
    const buckets = [...slotBuckets.keys()].filter((slot) => (slotBuckets[slot] as number) >= 0);
    const best = buckets.toSorted((a, b) => (slotLogMasses[b] as number) - (slotLogMasses[a] as number));
    for (const taken of [1, Math.floor(buckets.length / 2), buckets.length - 1]) {
      const headSlots = Int32Array.from(best.slice(0, taken)).sort();
      opened.kernels.bucketLogMasses(opened.layout, 0);
      writeHead(opened, headSlots);
      opened.kernels.massesFromLogs(opened.layout);
      expect(masses(opened), `${taken} buckets in the head`).toEqual(
        reference.massesFromLogs(opened.index, slotLogMasses, headSlots),
      );
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each(ALL_CASES)("rest on sub-scores that equal the reference bit for bit: %s", async (_, index) => {
    for (const temperature of [0.5, 1, 3.7]) {
      const opened = await openTiny(modules, index, { temperature });
      for (const seed of QUERY_SEEDS) {
        const query = anyQuery(index, seed);
        const expected = reference.subScores(opened.index, reference.prepareQuery(index, query));
        expect(openedScores(opened, query)).toEqual(expected);
        expect(opened.strayWrites()).toEqual([]);
      }
    }
  });

  test.each([
    [20, 1],
    [22, 1],
    [22.5, 0],
    [500, 0],
  ])("call for logarithms once no bucket has a key of 2^-64: two of e^(−2 · %d)", async (score, enough) => {
    // Both codebooks have codewords ±score. The existing buckets pair the best of one with the worst of the other.
    const index = tinyIndex({ itemCount: 2, dim: 2, bits: 1, quantizer: "pq", codes: [0 * 2 + 1, 1 * 2 + 0] });
    index.codebook1.set([score, -score]);
    index.codebook2.set([score, -score]);
    const opened = await openTiny(modules, index);
    const scores = openedScores(opened, Float32Array.of(1, 1));
    expect(opened.kernels.bucketMasses(opened.layout)).toBe(enough);
    expect(reference.bucketMasses(opened.index, scores).enough).toBe(enough === 1);
    opened.kernels.bucketLogMasses(opened.layout, 0);
    writeHead(opened, NO_HEAD);
    opened.kernels.massesFromLogs(opened.layout);
    expect(masses(opened).slotMasses.filter((mass) => mass > 0)).toEqual(Float32Array.of(1, 1));
  });

  test("are the numbers of classes, and equal per class, if sub-scores are equal", async () => {
    const codes = [0, 0, 0, 1, 5, 5, 15, 15, 15, 15, 15]; // of K = 4: 3, 1, 2 and 5 classes
    const opened = await openTiny(modules, tinyIndex({ itemCount: 11, dim: 2, bits: 2, codes, scale: 0 }));
    openedScores(opened, Float32Array.of(1, 2));
    opened.kernels.bucketMasses(opened.layout);
    const { slotMasses, massShift } = masses(opened);
    const relativeError = U * (3 * Math.log(5) + 2) + 3 * EXP4_ERROR; // as above, with logarithms of at most log 5
    const found = slotMasses.filter((mass) => mass > 0);
    for (const [bucket, count] of [3, 1, 2, 5].entries()) {
      const ratio = ((found[bucket] as number) * Math.exp(massShift)) / count;
      expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(relativeError * (1 + 1e-5));
    }
    const bits = keys(opened).slotKeys.filter((key) => key > 0); // f32s U to 2 U of themselves apart
    expect(Math.max(...bits) - Math.min(...bits)).toBeLessThanOrEqual((2 * (relativeError + U)) / U);
  });
});

function expectLog({ slotMasses, massShift }: Masses, slot: number, exact: number, bound: number): void {
  const error = Math.abs(Math.log(slotMasses[slot] as number) + massShift - exact);
  expect(error, `slot ${slot}: log mass ${exact}`).toBeLessThanOrEqual(bound * (1 + 1e-5) + 1e-12);
}

/**
 * s_b = a + e, the logarithms of the weights of the bucket and of the heaviest of its group, and the logarithm of its tilt,
 * as a factor and as it is.
 */
function logsOf(index: DerivedIndex, { subScores1, subScores2, tiltRate }: SubScores, bucket: number) {
  const { k1, k2 } = codesOf(index, bucket);
  const tilt = Math.min((index.dispersions?.[bucket] ?? 0) * tiltRate, 4);
  return {
    // 2^x is linear between powers of two.
    logFactor: Math.floor(tilt * Math.LOG2E) * Math.LN2 + Math.log1p((tilt * Math.LOG2E) % 1),
    logTilt: tilt,
    a: subScores1[k1] as number,
    e: subScores2[k2] as number,
    logWeight: index.bucketLogWeights[bucket] as number,
    groupLogWeight: index.slots.groupLogWeights[k1] as number,
  };
}

/**
 * The logarithm of the mass per class in f64, and the error of either way of computing it: roundings and exp4s as
 * above, and one for 1 / n.
 */
function logKeyOf(index: DerivedIndex, scores: SubScores, bucket: number): { logKey: number; bound: number } {
  const { a, e, logWeight, groupLogWeight, logTilt } = logsOf(index, scores, bucket);
  const [shift1, shift2] = shiftsOf(index, scores);
  const logCount = Math.log(index.slots.slotCounts[index.slots.bucketSlots[bucket] as number] as number);
  const logKey = a + e + logWeight + logTilt - logCount;
  const factors = Math.abs(a + groupLogWeight - shift1) + Math.abs(e - shift2) + Math.abs(logWeight - groupLogWeight);
  const direct = Math.abs(a + groupLogWeight) + factors + 4;
  const byLogs = Math.abs(a + e) + Math.abs(a + e + logWeight) + Math.abs(logCount) + Math.abs(logKey) + 1;
  return { logKey, bound: U * Math.max(direct, byLogs) + 3 * EXP4_ERROR };
}

/** The largest exponent of each factor. */
const shiftsOf = (index: DerivedIndex, { subScores1, subScores2 }: SubScores): [number, number] => [
  Math.max(...subScores1.map((score, k1) => score + (index.slots.groupLogWeights[k1] as number))),
  Math.max(...subScores2),
];

/** Prepares the query and returns the sub-scores in memory. */
function openedScores(opened: OpenedTiny, query: Float32Array): SubScores {
  opened.ask(query);
  opened.kernels.subScores(opened.layout);
  const codewordCount = 2 ** opened.index.facts.bits;
  return {
    subScores1: opened.read(Float32Array, "subScores1", codewordCount),
    subScores2: opened.read(Float32Array, "subScores2", codewordCount),
    tiltRate: opened.search(SEARCH_TILT_RATE),
  };
}

function writeHead(opened: OpenedTiny, headSlots: Int32Array): void {
  opened.write("headSlots", headSlots);
  opened.setSearch(SEARCH_HEAD_BUCKET_COUNT, headSlots.length);
}

function masses(opened: OpenedTiny): Masses {
  const { blockCount } = opened.index.slots;
  return {
    path: (["f64", "factors", "logs"] as const)[opened.search(SEARCH_MASS_PATH)] as Masses["path"],
    tiltPath: (["none", "factors", "logs"] as const)[opened.search(SEARCH_TILT_PATH)] as Masses["tiltPath"],
    massShift: opened.search(SEARCH_MASS_SHIFT),
    slotMasses: opened.read(Float32Array, "slotMasses", blockCount * BLOCK_SLOTS),
    blockSums: opened.read(Float32Array, "blockSums", blockCount * 4),
  };
}

function keys(opened: OpenedTiny): { slotKeys: Int32Array; blockMaxima: Int32Array } {
  const { blockCount } = opened.index.slots;
  return {
    slotKeys: opened.read(Int32Array, "slotKeys", blockCount * BLOCK_SLOTS),
    blockMaxima: opened.read(Int32Array, "blockMaxima", blockCount * 4),
  };
}
