import { describe, expect, test } from "vitest";
import { KNOTS, placeAmongKnots } from "../../src/memory/knots.ts";
import { biases, INDEX_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, openTiny } from "../fixtures/opened.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { derive } from "../reference/buckets.ts";
import { reference } from "../reference/index.ts";
import { heldLogWeights } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";

const BETWEEN = [0.001, 0.1, 0.3, 0.6, 0.9, 1.2, 1.9, 2.5, 3.9, 7, 12, 40, 2 ** 20].map(Math.fround);

describe("the place of 1 / T among knots", () => {
  test("is the knot itself, or between the two around it, as a chord", () => {
    for (const knot of KNOTS.slice(1, -1)) {
      expect(placeAmongKnots(knot)).toEqual({ low: knot, high: knot, lowPart: 1, highPart: 0 });
    }
    for (const inverse of BETWEEN.filter((value) => value < 16)) {
      const { low, high, lowPart, highPart } = placeAmongKnots(inverse);
      expect(KNOTS.indexOf(high)).toBe(KNOTS.indexOf(low) + 1);
      expect(low < inverse && inverse < high).toBe(true);
      expect(lowPart * low + highPart * high).toBeCloseTo(inverse, 12);
      expect(lowPart + highPart).toBeCloseTo(1, 12);
    }
    expect(placeAmongKnots(40)).toEqual({ low: 16, high: Infinity, lowPart: 1, highPart: 24 });
  });
});

describeBuilds("weights between knots", (modules) => {
  const cases = INDEX_CASES.filter(([, { bias, facts }]) => bias !== undefined && facts.bucketCount > 0);

  test.each(cases)("equal the reference bit for bit, in all buckets and under a filter: %s", async (_, index) => {
    const excluded = new Set([...Array(index.facts.itemCount).keys()].filter((position) => position % 7 === 2));
    for (const inverse of inTurn(BETWEEN, 3)) {
      const place = placeAmongKnots(inverse);
      const conditions = { temperature: 1 / inverse, place };
      const opened = await openTiny(modules, index, conditions);
      const { kernels, layout } = opened;
      const read = () => opened.read(Float32Array, "bucketLogWeights", index.facts.bucketCount);
      expect(read(), "weighBuckets").toEqual(heldLogWeights(opened.index));

      const [low, high] = [place.low, place.high].map((knot) => reference.weighKnot(index, knot)) as [
        Float32Array,
        Float32Array,
      ];
      const { memory } = kernels;
      const free = memory.grow(Math.ceil((8 * low.length + 32) / 65536)) * 65536; // behind everything
      kernels.weighKnot(layout, place.low, free);
      expect(new Float32Array(memory.buffer, free, low.length).slice(), "weighKnot").toEqual(low);

      const second = free + 4 * low.length;
      new Float32Array(memory.buffer, second, high.length).set(high);
      opened.write("bucketLogWeights", new Float32Array(low.length));
      kernels.weighSlots(layout, free, second);
      const expected = reference.weighSlots(place, low, high);
      expect(read(), "weighSlots").toEqual(expected);
      expect(expected, "weighBuckets and weighSlots").toEqual(heldLogWeights(opened.index));

      const filtered = await openTiny(modules, index, { ...conditions, excluded });
      expect(filtered.read(Float32Array, "bucketLogWeights", low.length), "filtered").toEqual(
        heldLogWeights(filtered.index),
      );
    }
  });

  test("are at least the sums that they stand for, to rounding, and near them", async () => {
    const index = tinyIndex({ itemCount: 400, dim: 3, bits: 3, bias: biases(400, 9), dispersion: true });
    let worst = 0;
    for (const inverse of BETWEEN) {
      const exact = derive(index, { temperature: 1 / inverse }).slots.slotLogWeights;
      const chord = derive(index, { temperature: 1 / inverse, place: placeAmongKnots(inverse) }).slots.slotLogWeights;
      for (const [slot, value] of exact.entries()) {
        if (value < -1e30) continue;
        const above = (chord[slot] as number) - value;
        expect(above).toBeGreaterThanOrEqual(-(2 ** -21) * (1 + Math.abs(value)));
        if (inverse >= 0.25 && inverse <= 4) worst = Math.max(worst, above);
      }
    }
    expect(worst).toBeLessThan(0.1);
    expect(worst).toBeGreaterThan(0.001);
  });
});

describeBuilds("the bits of filters", (modules) => {
  const index = tinyIndex({ itemCount: 900, dim: 3, bits: 4, bias: biases(900, 3), outliers: [5, 80, 811] });
  const FILTERS: ReadonlySet<number>[] = [
    new Set(),
    new Set([0]),
    new Set([899, 898]),
    new Set([63, 64, 65, 127, 128, 500]),
    new Set([...Array(900).keys()].filter((position) => position % 3 === 0)),
    new Set(Array(900).keys()),
  ];
  const bitsOf = (positions: ReadonlySet<number>): Uint8Array => {
    const bits = new Uint8Array(128);
    for (const position of positions) bits[position >> 3] = (bits[position >> 3] as number) | (1 << (position & 7));
    return bits;
  };

  test("changedBuckets lists the buckets that differ, and makes the second filter the first", async () => {
    const opened = await openTiny(modules, index);
    const [now, before, out] = [opened.address("allowed"), opened.address("filterBits"), opened.address("headBuckets")];
    for (const first of FILTERS) {
      for (const second of FILTERS) {
        opened.write("allowed", bitsOf(first).subarray(0, 120));
        opened.write("filterBits", bitsOf(second).subarray(0, 120));
        expect(opened.kernels.filterDistance(now, before, 120)).toBe(reference.filterDistance(first, second));
        const count = opened.kernels.changedBuckets(opened.layout, now, before, out);
        const found = [...opened.read(Int32Array, "headBuckets", count)];
        expect(found).toEqual(reference.changedBuckets(index, first, second));
        expect(opened.read(Uint8Array, "filterBits", 120)).toEqual(bitsOf(first).subarray(0, 120));
      }
    }
  });

  test("excludeOthers turns a bitmap of classes into bits of positions", async () => {
    const opened = await openTiny(modules, index);
    const ids = Int32Array.from(index.ids.subarray(0, 900));
    for (const allowed of FILTERS) {
      opened.write("allowed", bitsOf(allowed).subarray(0, 120));
      const held = opened.kernels.excludeOthers(opened.layout, opened.address("allowed"), opened.address("excluded"));
      const expected = reference.excludeOthers(ids, allowed);
      expect(held).toBe(expected.held);
      const bits = opened.read(Uint8Array, "excluded", 113);
      const found = [...Array(900).keys()].filter((p) => (((bits[p >> 3] as number) >> (p & 7)) & 1) === 1);
      expect(found).toEqual([...expected.excluded]);
    }
  });
});
