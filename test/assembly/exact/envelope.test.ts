import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import * as abi from "../../../src/abi.ts";
import { placeAmongKnots } from "../../../src/memory/knots.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { BUILDS } from "../../fixtures/modules.ts";
import { describeBuilds, type OpenedTiny } from "../../fixtures/opened.ts";
import { openExact, prepare, scoresOf, someOf } from "../../fixtures/opened-exact.ts";
import { type TinySpec, tinyIndex } from "../../fixtures/tiny-index.ts";
import { listOutliers } from "../../reference/head.ts";
import { reference } from "../../reference/index.ts";
import { positionsOf, type ReferenceIndex } from "../../reference/reference-index.ts";
import { shareWidth } from "../../reference/tail.ts";
import type { Conditions } from "../../reference/weights.ts";
import { LARGE } from "../../run/size.ts";
import { inTurn } from "../../run/turns.ts";
import { goodnessOfFit } from "../../statistics/goodness-of-fit.ts";
import { ALIGNED_CASES } from "./aligned-index.ts";

/** Large buckets with a query so short that residuals are as nothing, so that classes differ by their biases alone. */
const SHORT_QUERIES = (["f32", "f16", "i8"] as const).map((rows, i) => {
  const index = tinyIndex({ itemCount: 600, dim: 5, bits: 1, rows, bias: biases(600, 76), seed: 76 + i });
  return [`${rows}, a short query`, index, anyQuery(index, 3, 1e-3)] as const;
});

const scaled = (values: Float32Array, factor: number): Float32Array => values.map((value) => factor * value);

/** Cases with biases so far apart that most classes have the smallest share of their bucket. */
const EXTREME_CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = [
  ["biases of 10^6", tinyIndex({ itemCount: 300, dim: 5, bits: 2, bias: scaled(biases(300, 71), 1e6), seed: 71 })],
  ["biases of 2^39", tinyIndex({ itemCount: 120, dim: 3, bits: 1, bias: scaled(biases(120, 72), 2 ** 37), seed: 72 })],
  ["biases of ±30", tinyIndex({ itemCount: 800, dim: 4, bits: 1, bias: scaled(biases(800, 73), 10), seed: 73 })],
  ["one class above all", tinyIndex({ itemCount: 90, dim: 4, bits: 1, bias: biases(90, 74).fill(80, 7, 8), seed: 74 })],
];
const WITH_CLASSES = [...INDEX_CASES, ...LARGE_LOGIT_CASES, ...EXTREME_CASES].filter(
  ([, index]) => index.facts.itemCount > 0,
);
const SIZES = [0, 1e-6, 0.5, 30, 1000, 1e6];

describeBuilds("envelope", (modules) => {
  test.each(WITH_CLASSES)("equals the reference bit for bit: %s", async (_, index) => {
    for (const conditions of [{}, { temperature: 0.7, excluded: someOf(index) }]) {
      const opened = await openExact(modules, index, conditions);
      const residuals = reference.measureResiduals(index, opened.index.slots);
      const { slotBuckets, groupBlocks } = opened.index.slots;
      for (const scan of inTurn([0, 1, 50, index.facts.itemCount], 2, `${conditions.temperature}`)) {
        const query = anyQuery(index, 11 + scan);
        const prepared = reference.prepareQuery(index, query);
        const expected = reference.envelope(opened.index, prepared, residuals, scan);
        startEnvelope(opened, query, scan);
        const { headBuckets, headPositions, tail } = expected;
        expect(opened.search(structs.SEARCH_HEAD_BUCKET_COUNT)).toBe(headBuckets.length);
        expect(opened.read(Int32Array, "headBuckets", headBuckets.length)).toEqual(headBuckets);
        expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(headPositions.length);
        expect(opened.read(Float32Array, "headScores", headPositions.length)).toEqual(expected.headScores);
        expect(opened.search(structs.SEARCH_HEAD_SUM)).toBe(expected.headSum);
        expect(opened.search(structs.SEARCH_MASS_SHIFT)).toBe(expected.massShift);
        expect(opened.search(structs.SEARCH_TAIL_TOTAL)).toBe(tail.tailTotal);
        expect(opened.read(Float32Array, "slotMasses", slotBuckets.length)).toEqual(tail.slotMasses);
        expect(opened.read(Float64Array, "groupPrefix", groupBlocks.length)).toEqual(tail.groupPrefix);
      }
    }
  });

  describe.each([
    { temperature: 1, filtered: false },
    { temperature: 0.5, filtered: true },
    { temperature: 3.7, filtered: true },
  ])("at temperature $temperature, filtered: $filtered", ({ temperature, filtered }) => {
    test.each(WITH_CLASSES)("no class of the tail exceeds its part, nor its own bound: %s", async (_, index) => {
      const { itemCount } = index.facts;
      const opened = await openExact(modules, index, { temperature, ...(filtered && { excluded: someOf(index) }) });
      for (const [i, size] of inTurn([...SIZES.entries()], 2)) {
        for (const scan of inTurn([0, 20, itemCount >> 1], 3, `${size}`)) {
          const query = anyQuery(index, 12 + i, size);
          const entries = startEnvelope(opened, query, scan);
          const shift = opened.search(structs.SEARCH_MASS_SHIFT);
          const above = entries.filter(({ logit, logMass }) => logMass !== undefined && !(logit <= logMass + shift));
          expect(above, `size ${size}, scan ${scan}`).toEqual([]);
          const beyond = entries.filter(
            ({ logit, logMass, logOwnBound = 0 }) => logMass !== undefined && !(logit - shift - logMass <= logOwnBound),
          );
          expect(beyond, `size ${size}, scan ${scan}`).toEqual([]);
          const count = entries.filter(({ logMass }) => logMass === undefined).length;
          expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(count);
          expect(opened.search(structs.SEARCH_TAIL_TOTAL) > 0).toBe(count < entries.length);
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    });
  });

  test.each(ALIGNED_CASES)("no class exceeds its part where bounds are its score: %s", async (_, index, query) => {
    for (const temperature of [1, 0.5, 3.7]) {
      const opened = await openExact(modules, index, { temperature });
      for (const size of [1e-3, 1, 300]) {
        const entries = startEnvelope(
          opened,
          query.map((value) => size * value),
          0,
        );
        const shift = opened.search(structs.SEARCH_MASS_SHIFT);
        expect(entries.filter(({ logit, logMass }) => !(logit <= (logMass as number) + shift))).toEqual([]);
      }
    }
  });

  test.each([...ALIGNED_CASES, ...SHORT_QUERIES])(
    "no class exceeds its part between knots, where weights are upper bounds: %s",
    async (_, index, query) => {
      const inverses = [0.001, 0.1, 0.3, 1 / 1.2, 1 / 0.8, 1.9, 7, 40].map(Math.fround);
      for (const inverse of inTurn(inverses, 2)) {
        const conditions = { temperature: 1 / inverse, place: placeAmongKnots(inverse) };
        const opened = await openExact(modules, index, conditions);
        const entries = startEnvelope(opened, query, 0);
        const shift = opened.search(structs.SEARCH_MASS_SHIFT);
        const above = entries.filter(({ logit, logMass }) => !(logit <= (logMass as number) + shift));
        expect(above, `1 / T = ${inverse}`).toEqual([]);
      }
    },
  );

  test("exceeds the softmax by the margin alone for a query of zeros", async () => {
    const index = tinyIndex({ itemCount: 200, dim: 5, bits: 2, bias: biases(200, 75), seed: 75 });
    const opened = await openExact(modules, index);
    const entries = startEnvelope(opened, new Float32Array(5), 0);
    const total = opened.search(structs.SEARCH_MASS_SHIFT) + Math.log(opened.search(structs.SEARCH_TAIL_TOTAL));
    const logPartition = Math.log(entries.reduce((sum, { logit }) => sum + Math.exp(logit), 0));
    expect(total - logPartition).toBeGreaterThan(0);
    expect(total - logPartition).toBeLessThan(2 ** -9);
  });
});

const FILTERED = tinyIndex({ itemCount: 40, dim: 3, bits: 2, bias: biases(40, 87), seed: 87 });

const SMALL: readonly (readonly [name: string, index: ReferenceIndex, conditions: Conditions])[] = [
  ["rq, f32", tinyIndex({ itemCount: 40, dim: 3, bits: 2, seed: 81 }), {}],
  [
    "pq, int8, bias",
    smallRows({ itemCount: 25, dim: 5, bits: 1, quantizer: "pq", rows: "i8", bias: biases(25, 82) }),
    {},
  ],
  ["rq, f16, cosine", tinyIndex({ itemCount: 30, dim: 7, bits: 2, rows: "f16", metric: "cosine", seed: 83 }), {}],
  ["one bucket", tinyIndex({ itemCount: 70, dim: 2, bits: 0, bias: biases(70, 84), seed: 84 }), {}],
  ["T = 0.6", tinyIndex({ itemCount: 30, dim: 3, bits: 1, bias: biases(30, 85), seed: 85 }), { temperature: 0.6 }],
  ["T = 3", tinyIndex({ itemCount: 30, dim: 3, bits: 1, bias: biases(30, 86), seed: 86 }), { temperature: 3 }],
  ["filter", FILTERED, { temperature: 1.5, excluded: someOf(FILTERED) }],
];

/** int8 rows that are no larger than their codewords. Otherwise the envelope is too loose to draw from. */
function smallRows(spec: TinySpec): ReferenceIndex {
  const index = tinyIndex(spec);
  return { ...index, rowScales: index.rowScales?.map((scale) => scale / 127) };
}

describeBuilds("drawExact", (modules) => {
  describe.each([0, 10])("behind a head under %d", (scan) => {
    test.each(SMALL)("equals the reference: %s", async (_, index, conditions) => {
      const opened = await openExact(modules, index, conditions);
      const residuals = reference.measureResiduals(index, opened.index.slots);
      const query = anyQuery(index, 21, 1 / Math.sqrt(index.facts.dim));
      const expected = reference.envelope(opened.index, reference.prepareQuery(index, query), residuals, scan);
      startEnvelope(opened, query, scan);
      // Draws are compared one by one: none of these targets lies so near a boundary that rounding could name the
      // neighbour.
      for (const [draws, seed] of [
        [0, 1n],
        [1, 2n],
        [40, 2n ** 64n - 3n],
      ] as const) {
        opened.setSearch(structs.SEARCH_SCORED, 0);
        opened.kernels.drawExact(opened.layout, draws, seed);
        const { drawn, scored } = reference.drawExact(opened.index, expected, draws, seed);
        const scores = opened.read(Float32Array, "drawScores", draws);
        const ids = opened.read(Int32Array, "drawPositions", draws);
        expect(Array.from(ids, (id, j) => ({ id, score: scores[j] }))).toEqual(drawn);
        expect(opened.search(structs.SEARCH_SCORED)).toBe(scored);
      }
      expect(opened.strayWrites()).toEqual([]);
    });
  });

  describe.each(["no head", "a head", "a head of all"])("with %s", (head) => {
    test.each(SMALL)("follows the softmax: %s", async (_, index, conditions) => {
      const { itemCount, dim } = index.facts;
      const opened = await openExact(modules, index, conditions);
      const scan = { "no head": 0, "a head": itemCount >> 2, "a head of all": itemCount }[head] as number;
      const entries = startEnvelope(opened, anyQuery(index, 20, 2 / Math.sqrt(dim)), scan);
      const headCount = opened.search(structs.SEARCH_HEAD_COUNT);
      const counts = new Float64Array(itemCount);
      const scores = new Map(entries.map(({ id, score }) => [id, score]));
      // Both builds draw what the reference draws. To show that this follows the softmax, the draws of one build
      // suffice.
      const calls = LARGE ? 16 : modules === BUILDS.release ? 6 : 2;
      for (let seed = 0; seed < calls; seed++) {
        opened.setSearch(structs.SEARCH_SCORED, headCount);
        opened.kernels.drawExact(opened.layout, 4096, BigInt(seed));
        const ids = opened.read(Int32Array, "drawPositions", 4096);
        for (const id of ids) counts[id] = (counts[id] as number) + 1;
        if (seed === 0) {
          expect(Array.from(opened.read(Float32Array, "drawScores", 4096))).toEqual(
            Array.from(ids, (id) => scores.get(id)),
          );
          const scored = opened.search(structs.SEARCH_SCORED) - headCount;
          const inTail = entries.filter(({ logMass }) => logMass !== undefined).map(({ id }) => id);
          expect(scored).toBeGreaterThanOrEqual(ids.filter((id) => inTail.includes(id)).length);
        }
      }
      const probabilities = new Float64Array(itemCount);
      const total = entries.reduce((sum, { logit }) => sum + Math.exp(logit), 0);
      for (const { id, logit } of entries) probabilities[id] = Math.exp(logit) / total;
      const { g, low, high } = goodnessOfFit(counts, probabilities);
      expect(g).toBeGreaterThan(low);
      expect(g).toBeLessThan(high);
      expect(opened.strayWrites()).toEqual([]);
    });
  });

  test("gives the first draws of a longer call", async () => {
    const index = tinyIndex({ itemCount: 300, dim: 5, bits: 3, bias: biases(300, 91), seed: 91 });
    const opened = await openExact(modules, index);
    startEnvelope(opened, anyQuery(index, 1), 50);
    opened.kernels.drawExact(opened.layout, 200, 5n);
    const many = opened.read(Int32Array, "drawPositions", 200);
    for (const draws of [0, 1, 2, 3, 99]) {
      opened.kernels.drawExact(opened.layout, draws, 5n);
      expect(opened.read(Int32Array, "drawPositions", draws)).toEqual(many.slice(0, draws));
    }
  });
});

interface Entry {
  readonly id: number;
  /** f32. */
  readonly score: number;
  /** score / T, f64. */
  readonly logit: number;
  /** The logarithm of its part of the envelope's masses, minus massShift; undefined in the head. */
  readonly logMass?: number;
  /** slope · (norm − radius). */
  readonly logOwnBound?: number;
}

/** Computes the envelope of a query. Returns the classes that are not excluded, in f64 from the kernel's tables. */
function startEnvelope(opened: OpenedTiny, query: Float32Array, scan: number): Entry[] {
  const { index } = opened;
  const { slotBuckets } = index.slots;
  prepare(opened, query);
  const scores = scoresOf(opened);
  opened.kernels.envelope(opened.layout, scan);
  const head = new Set(opened.read(Int32Array, "headBuckets", opened.search(structs.SEARCH_HEAD_BUCKET_COUNT)));
  const norms = opened.read(Float32Array, "residualNorms", index.facts.itemCount);
  const slope = opened.search(structs.SEARCH_SLOPE);
  const slotMasses = opened.read(Float32Array, "slotMasses", slotBuckets.length);
  const slotRadii = opened.read(Float32Array, "slotRadii", slotBuckets.length);
  const entryOf = (p: number): Entry => {
    const score = scores[p] as number;
    return { id: index.ids[p] as number, score, logit: score * index.inverseTemperature };
  };
  const inBuckets = Array.from(slotBuckets.keys()).flatMap((slot) => {
    const bucket = slotBuckets[slot] as number;
    if (bucket < 0) return [];
    const { first, end } = positionsOf(index, bucket);
    return Array.from(reference.listPositions(index, first, end), (p) => {
      const entry = entryOf(p);
      if (head.has(bucket)) return entry;
      const share = shareWidth(index.shares, p, end) / 2 ** abi.SHARE_BITS;
      const logMass = Math.log(slotMasses[slot] as number) + Math.log(share);
      return { ...entry, logMass, logOwnBound: slope * ((norms[p] as number) - (slotRadii[slot] as number)) };
    });
  });
  return [...inBuckets, ...Array.from(listOutliers(index), entryOf)];
}
