import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { type KnotPlace, ownKnot, placeAmongKnots } from "../../src/memory/knots.ts";
import { biases, INDEX_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, openTiny } from "../fixtures/opened.ts";
import { anyCodes, type TinySpec, tinyIndex } from "../fixtures/tiny-index.ts";
import { derive } from "../reference/buckets.ts";
import { reference } from "../reference/index.ts";
import { positionsOf, type ReferenceIndex } from "../reference/reference-index.ts";
import { ALL_SHARES, biasesOf } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";
import { excludedWhere } from "./condition-cases.ts";

// Between two knots the shares of a bucket are the mean of those at the knots (docs/method.md, 2).

/** Values of 1 / T: between knots, close to one, at one, and beyond the last. */
const INVERSES = [0.1, 0.3, 0.7072, 0.9, 1, 1.9, 7, 15.9, 20].map(Math.fround);
const CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = [
  ...INDEX_CASES.filter(([, index]) => index.bias && index.dispersions),
  [
    "three buckets of hundreds",
    dispersed({ itemCount: 900, bits: 1, codes: anyCodes(900, 3, 5), bias: biases(900, 5) }),
  ],
  ["small buckets", dispersed({ itemCount: 400, bits: 4, bias: biases(400, 6).map((bias) => 4 * bias) })],
  ["biases of thousands", dispersed({ itemCount: 200, bits: 2, bias: biases(200, 9).map((bias) => 1000 * bias) })],
];

function dispersed(spec: Pick<TinySpec, "itemCount" | "bits" | "codes" | "bias">): ReferenceIndex {
  return tinyIndex({ ...spec, dim: 3, dispersion: true });
}

/** The temperatures for an index, with all classes and without one of three. */
function conditionsOf(index: ReferenceIndex, inverses: readonly number[]) {
  const excluded = excludedWhere(index, (place, count) => count > 2 && place % 3 === 1);
  return inverses.flatMap((inverse) =>
    [new Set<number>(), excluded].map((left) => ({
      temperature: 1 / inverse,
      place: placeAmongKnots(inverse),
      excluded: left,
    })),
  );
}

/** log w_b on the chord, in f64. */
function logChord(logs: readonly number[], { low, high, lowPart, highPart }: KnotPlace): number {
  const top = Math.max(...logs);
  const logWeight = (scale: number): number =>
    top * scale + Math.log(logs.reduce((sum, bias) => sum + Math.exp((bias - top) * scale), 0));
  return highPart === 0 ? logWeight(low) : lowPart * logWeight(low) + highPart * logWeight(high);
}

describe("the reference of shares between knots", () => {
  test.each(CASES)("gives no class less than its own weight, and all together the bucket: %s", (_, index) => {
    for (const conditions of conditionsOf(index, inTurn(INVERSES.slice(0, -1), 3))) {
      const derived = derive(index, conditions);
      const inverse = derived.inverseTemperature;
      for (const bucket of index.bucketCodes.keys()) {
        const { first, count } = positionsOf(index, bucket);
        const own = biasesOf(derived, bucket);
        const logs = [...own].filter((bias) => bias > Number.NEGATIVE_INFINITY);
        if (logs.length === 0) continue;
        const logWeight = logChord(logs, conditions.place);
        let sum = 0;
        for (let i = 0; i < count; i++) {
          const units = reference.unitsAt(derived, bucket, first + i);
          sum += units;
          if (own[i] === Number.NEGATIVE_INFINITY) expect(units).toBe(0);
          else {
            expect(units).toBeGreaterThanOrEqual(1);
            // Rounding takes a unit at most, and 2^-20 of the bucket.
            const wanted = Math.exp((own[i] as number) * inverse - logWeight) * ALL_SHARES;
            expect(units).toBeGreaterThanOrEqual(wanted * (1 - 2 ** -19 - count * 2 ** -30) - 1);
          }
        }
        expect(sum).toBe(ALL_SHARES);
      }
    }
  });
});

describeBuilds("shares between knots", (modules) => {
  test.each(CASES)("equal the reference, and positionIn names their classes: %s", async (_, index) => {
    for (const conditions of conditionsOf(index, inTurn(INVERSES, 3))) {
      const opened = await openTiny(modules, index, conditions);
      for (const bucket of index.bucketCodes.keys()) {
        if (opened.index.bucketLogWeights[bucket] === Number.NEGATIVE_INFINITY) continue;
        if (index.bucketCodes.length > 1000 && bucket % 16 !== 0) continue;
        const { first, end, count } = positionsOf(index, bucket);
        const words = [0, 1, 2 ** 31, 2 ** 32 - 1];
        for (let p = first; p < end; p += Math.ceil(count / 60)) {
          const word = 2 * (opened.index.shares[p] as number);
          words.push(...[word - 1, word, word + 1].filter((near) => near >= 0 && near < 2 ** 32));
        }
        const expected = words.map((word) => reference.positionIn(opened.index, bucket, word));
        for (const placesGuides of [0, 1]) {
          opened.setLayout(structs.LAYOUT_PLACES_GUIDES, placesGuides);
          const found = words.map((word) => opened.kernels.positionIn(opened.layout, bucket, word));
          expect(found, `bucket ${bucket}, guides ${placesGuides}`).toEqual(expected);
        }
        for (let p = first; p < end; p++) {
          const units = opened.kernels.unitsAt(opened.layout, bucket, p);
          if (units !== reference.unitsAt(opened.index, bucket, p)) expect.fail(`bucket ${bucket}, position ${p}`);
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each([17, 48, 4099])("are found by the guides of both knots, in a bucket of %d", async (count) => {
    // The last class has little of the bucket at the knot below and most of it at the one above, so their guides lead far apart.
    const bias = Float32Array.from({ length: count }, (_, i) => (i === count - 1 ? Math.log(count) / 0.85 : 0));
    const index = tinyIndex({ itemCount: count, dim: 1, bits: 0, bias });
    const inverse = Math.fround(0.9);
    const opened = await openTiny(modules, index, { temperature: 1 / inverse, place: placeAmongKnots(inverse) });
    opened.setLayout(structs.LAYOUT_PLACES_GUIDES, 1);
    const words = Array.from({ length: 5000 }, (_, i) => Math.floor((i * 2 ** 32) / 5000));
    const expected = words.map((word) => reference.positionIn(opened.index, 0, word));
    expect(words.map((word) => opened.kernels.positionIn(opened.layout, 0, word))).toEqual(expected);
  });

  test("need one table at a knot", async () => {
    const index = tinyIndex({ itemCount: 200, dim: 2, bits: 2, codes: anyCodes(200, 16, 3), bias: biases(200, 3) });
    const opened = await openTiny(modules, index, { temperature: 0.5, place: placeAmongKnots(2) });
    opened.setLayout(structs.LAYOUT_HIGH_SHARES, 2 ** 31); // reading there would trap
    for (const bucket of index.bucketCodes.keys()) opened.kernels.positionIn(opened.layout, bucket, 2 ** 31);
    expect(derive(index, { temperature: 0.5, place: ownKnot(2) }).shares).toEqual(opened.index.shares);
  });
});
