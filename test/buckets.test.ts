import { describe, expect, test } from "vitest";
import { BLOCK_QUADS, BLOCK_SLOTS } from "../src/abi.ts";
import { biases, INDEX_CASES, LARGE_LOGIT_CASES } from "./index-cases.ts";
import { describeBuilds, openTiny } from "./opened.ts";
import { derive } from "./reference/buckets.ts";
import { codesOf, positionsOf, type ReferenceIndex } from "./reference/reference-index.ts";
import { shareWidth } from "./reference/tail.ts";
import { reference } from "./reference.ts";
import { tinyIndex } from "./tiny-index.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const WHOLE = 2 ** 32;
const U = 2 ** -24;

describe("the reference of weighBuckets", () => {
  test.each(ALL_CASES)("gives log Σ e^bias to f32 rounding: %s", (_, index) => {
    const { bucketLogWeights } = reference.weighBuckets(index);
    for (const [bucket, logWeight] of bucketLogWeights.entries()) {
      const { top, weights } = weightsOf(index, bucket);
      const exact = top + Math.log(weights.reduce((sum, weight) => sum + weight, 0));
      expect(Math.abs(logWeight - exact)).toBeLessThanOrEqual(U * Math.abs(exact) + 1e-13);
    }
  });

  test.each(ALL_CASES.filter(([, index]) => index.bias))(
    "gives each class its part of 2^32 within 2 units and one for each class of the part, and at least 1: %s",
    (_, index) => {
      const { shares } = reference.weighBuckets(index);
      for (const bucket of index.bucketCodes.keys()) {
        const { first, end, count } = positionsOf(index, bucket);
        const { weights } = weightsOf(index, bucket);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        expect((shares as Uint32Array)[first], "the first starts at 0").toBe(0);
        for (const [i, weight] of weights.entries()) {
          const width = shareWidth(shares as Uint32Array, first + i, end);
          expect(width).toBeGreaterThanOrEqual(1);
          const part = weight / total;
          expect(Math.abs(width - part * WHOLE)).toBeLessThanOrEqual(2 + part * count);
        }
      }
    },
  );
});

describe("the reference of layOutSlots", () => {
  test.each(ALL_CASES)("puts every bucket into the slot of its second codeword, in order: %s", (_, index) => {
    const { slots } = derive(index);
    const taken = Array.from(slots.slotBuckets.entries()).filter(([, bucket]) => bucket >= 0);
    expect(taken.map(([, bucket]) => bucket)).toEqual([...index.bucketCodes.keys()]);
    for (const [slot, bucket] of taken) {
      const { k1, k2 } = codesOf(index, bucket);
      const block = Math.floor(slot / BLOCK_SLOTS);
      expect(block).toBeGreaterThanOrEqual(slots.groupBlocks[k1] as number);
      expect(block).toBeLessThan(slots.groupBlocks[k1 + 1] as number);
      expect(4 * (slots.blockColumns[slot >> 2] as number) + (slot & 3)).toBe(k2);
    }
  });
});

describeBuilds("weighBuckets and layOutSlots", (module) => {
  test.each(ALL_CASES)("equal the reference bit for bit: %s", async (_, index) => {
    const opened = await openTiny(module, index);
    const { itemCount, bucketCount, bits } = index.facts;
    const { bucketLogWeights, shares, slots } = opened.index;
    expect(opened.read(Float32Array, "bucketLogWeights", bucketCount)).toEqual(bucketLogWeights);
    if (shares) expect(opened.read(Uint32Array, "shares", itemCount)).toEqual(shares);

    const { blockCount } = slots;
    expect(opened.kernels.layOutSlots(opened.layout)).toBe(blockCount);
    expect(opened.read(Int32Array, "groupBlocks", 2 ** bits + 1)).toEqual(slots.groupBlocks);
    expect(opened.read(Uint8Array, "blockColumns", blockCount * BLOCK_QUADS)).toEqual(slots.blockColumns);
    const count = blockCount * BLOCK_SLOTS;
    expect(opened.read(Int32Array, "slotBuckets", count)).toEqual(slots.slotBuckets);
    expect(opened.read(Int32Array, "slotCounts", count)).toEqual(slots.slotCounts);
    expect(opened.read(Float32Array, "slotRates", count)).toEqual(slots.slotRates);
    expect(opened.read(Float32Array, "slotWeights", count)).toEqual(slots.slotWeights);
    const padded = new Float32Array(4 * Math.ceil(2 ** bits / 4)).fill(Number.NEGATIVE_INFINITY);
    padded.set(slots.groupLogWeights);
    expect(opened.read(Float32Array, "groupLogWeights", padded.length)).toEqual(padded);
    expect(opened.strayWrites()).toEqual([]);
  });

  test("hold biases 2^41 apart in one bucket: the lesser classes keep one unit each", async () => {
    const bias = Float32Array.of(-(2 ** 40), 2 ** 40, -(2 ** 40), 0);
    const opened = await openTiny(module, tinyIndex({ itemCount: 4, dim: 2, bits: 0, bias }));
    expect(Array.from(opened.read(Float32Array, "bucketLogWeights", 1))).toEqual([2 ** 40]);
    expect(Array.from(opened.read(Uint32Array, "shares", 4))).toEqual([0, 1, WHOLE - 2, WHOLE - 1]);
  });

  test("give a bucket of 20,000 classes of very uneven weight shares that rise by at least 1", async () => {
    const bias = biases(20_000, 7).map((value) => 10 * value);
    const opened = await openTiny(module, tinyIndex({ itemCount: 20_000, dim: 1, bits: 0, bias }));
    const shares = opened.read(Uint32Array, "shares", 20_000);
    expect(shares).toEqual(opened.index.shares);
    expect(shares.findIndex((share, i) => i > 0 && share <= (shares[i - 1] as number))).toBe(-1);
  });
});

/** e^(bias − top) of a bucket's classes, by the host's exp. */
function weightsOf(index: ReferenceIndex, bucket: number): { top: number; weights: number[] } {
  const { first, end } = positionsOf(index, bucket);
  const biasesOf = Array.from({ length: end - first }, (_, i) => index.bias?.[first + i] ?? 0);
  const top = biasesOf.reduce((highest, bias) => Math.max(highest, bias), Number.NEGATIVE_INFINITY);
  return { top, weights: biasesOf.map((bias) => Math.exp(bias - top)) };
}
