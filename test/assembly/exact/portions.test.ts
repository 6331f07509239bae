import { describe, expect, test } from "vitest";
import { LAYOUT_EXCLUDED as EXCLUDED } from "../../../build/structs.ts";
import { ownKnot, placeAmongKnots } from "../../../src/memory/knots.ts";
import { biases, INDEX_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../../fixtures/opened.ts";
import { anyCodes, tinyIndex } from "../../fixtures/tiny-index.ts";
import { derive } from "../../reference/buckets.ts";
import { reference } from "../../reference/index.ts";
import { log32 } from "../../reference/log.ts";
import { measurePortions, weighFiltered } from "../../reference/portions.ts";
import type { ReferenceIndex } from "../../reference/reference-index.ts";
import { LEAST_F32 } from "../../reference/weights.ts";
import { inTurn } from "../../run/turns.ts";
import { excludedWhere } from "../condition-cases.ts";

const PLACES = [0.3, 0.5, 0.9, 1, 1.9, 7].map((inverse) => placeAmongKnots(Math.fround(inverse)));

const FILTERS: readonly [name: string, excludedOf: (index: ReferenceIndex) => Set<number>][] = [
  ["every other class", (index) => excludedWhere(index, (place, _, bucket) => (place + bucket) % 2 > 0)],
  ["all but one class of eleven", (index) => excludedWhere(index, (place, _, bucket) => (place + bucket) % 11 > 0)],
  ["the last of each bucket", (index) => excludedWhere(index, (place, count) => place === count - 1)],
  ["all classes", (index) => new Set(index.ids.keys())],
];

const CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = [
  ...INDEX_CASES.filter(([, { bias, facts }]) => bias !== undefined && facts.bucketCount > 0),
  [
    "biases so far apart that no f32 holds the lesser part",
    tinyIndex({
      ...{ itemCount: 400, dim: 3, bits: 3, codes: anyCodes(400, 40, 2), dispersion: true },
      bias: biases(400, 5).map((value) => 90 * value),
    }),
  ],
];

describe("log32", () => {
  test("is within 24 units of 2^-24 from 2^-16 to 1, and 0 at 1", () => {
    expect(log32(1)).toBe(0);
    for (let exponent = -16; exponent <= 0; exponent++) {
      for (let i = 0; i < 64; i++) {
        const x = Math.fround(2 ** exponent * (1 + i / 64));
        expect(Math.abs(log32(x) - Math.log(x)), `log ${x}`).toBeLessThanOrEqual(24 * 2 ** -24);
      }
    }
    for (let i = 1; i < 500; i++) {
      const x = Math.fround(1 - i * 2 ** -20);
      expect(Math.abs(log32(x) / Math.log(x) - 1), `log ${x}`).toBeLessThanOrEqual(2 ** -22);
    }
  });
});

describe("the reference of weighFiltered", () => {
  test.each(CASES)("differs from sums over the classes left by rounding alone: %s", (_, index) => {
    const largest = largestLog(index);
    for (const [name, excludedOf] of FILTERS) {
      const excluded = excludedOf(index);
      for (const place of inTurn(PLACES, 3, name)) {
        const summed = derive(index, { excluded, place, temperature: 1 / place.low }).bucketLogWeights;
        for (const [bucket, value] of weighFiltered({ ...index, excluded }, place).entries()) {
          const exact = summed[bucket] as number;
          if (exact === Number.NEGATIVE_INFINITY) expect(value, name).toBe(LEAST_F32);
          else expect(Math.abs(value - exact), name).toBeLessThanOrEqual(2 ** -24 * (40 + 3 * largest));
        }
      }
    }
  });

  test("gives a whole bucket the weight at the knot itself", () => {
    for (const [, index] of CASES) {
      const place = ownKnot(1);
      expect(weighFiltered({ ...index, excluded: new Set() }, place)).toEqual(reference.weighKnot(index, 1));
    }
  });
});

/** The largest magnitude that a logarithm of a weight or a bias over T can have at the places of this test. */
const largestLog = ({ bias }: ReferenceIndex): number =>
  8 * Array.from(bias ?? []).reduce((top, value) => Math.max(top, Math.abs(value)), 1);

describeBuilds("filterKnot and weighFiltered", (modules) => {
  test.each(CASES)("equals the reference bit for bit, with tables of portions and without: %s", async (_, index) => {
    for (const [name, excludedOf] of FILTERS) {
      const excluded = excludedOf(index);
      for (const place of inTurn(PLACES, 3, name)) {
        const opened = await openTiny(modules, index, { excluded, place, temperature: 1 / place.low });
        const expected = weighFiltered({ ...index, excluded }, place);
        const tables = tablesOf(opened, [place.low, place.high]);
        const [logs, highLogs, portions, highPortions] = tables;
        for (const [low, high] of [
          [portions, highPortions],
          [0, 0],
        ] as const) {
          opened.write("bucketLogWeights", new Float32Array(index.facts.bucketCount));
          opened.write("slotCounts", new Int32Array(opened.index.slots.slotBuckets.length));
          weigh(opened, [0, 0], [low, high], [logs, highLogs]);
          expect(weightsOf(opened), name).toEqual(expected);
          expect(opened.read(Int32Array, "slotCounts", opened.index.slots.slotCounts.length)).toEqual(
            opened.index.slots.slotCounts,
          );
        }
      }
    }
  });

  test.each(CASES)("gives lists of buckets the same bits, also when the filter is gone: %s", async (_, index) => {
    const [, excludedOf] = FILTERS[0] as (typeof FILTERS)[number];
    const excluded = excludedOf(index);
    const place = placeAmongKnots(Math.fround(0.9));
    const opened = await openTiny(modules, index, { excluded, place, temperature: 1 / 0.9 });
    const [logs, highLogs, portions, highPortions] = tablesOf(opened, [place.low, place.high]);
    const { bucketCount } = index.facts;
    const weighList = (list: number, count: number): void =>
      weigh(opened, [list, count], [portions, highPortions], [logs, highLogs]);
    weighList(0, 0);
    const slotCount = opened.index.slots.slotBuckets.length;
    const tables = (): Float32Array[] => [
      weightsOf(opened),
      opened.read(Float32Array, "slotWeights", slotCount),
      opened.read(Float32Array, "groupLogWeights", 4 * Math.ceil(2 ** index.facts.bits / 4)),
    ];
    const filtered = tables();
    const fields = new DataView(opened.kernels.memory.buffer, opened.layout);
    const at = fields.getUint32(EXCLUDED, true);
    const list = Int32Array.from({ length: bucketCount }, (_, bucket) => bucket);
    opened.write("headBuckets", list);
    fields.setUint32(EXCLUDED, 0, true);
    weighList(opened.address("headBuckets"), bucketCount);
    expect(weightsOf(opened)).toEqual(weighFiltered({ ...index, excluded: new Set() }, place));
    fields.setUint32(EXCLUDED, at, true);
    for (let first = 0; first < bucketCount; first += 7) {
      opened.write("headBuckets", list.subarray(first, first + 7));
      weighList(opened.address("headBuckets"), Math.min(7, bucketCount - first));
    }
    expect(tables()).toEqual(filtered);
    expect(opened.strayWrites().filter((address) => address < opened.address("positions"))).toEqual([]);
  });
});

type Pair = readonly [number, number];

/** Weighs the buckets of a list from the tables of two knots. */
function weigh({ kernels, layout }: OpenedTiny, [list, count]: Pair, [low, high]: Pair, [logs, highLogs]: Pair): void {
  kernels.filterKnot(layout, list, count, logs, low, 0);
  kernels.filterKnot(layout, list, count, highLogs, high, 1);
  kernels.weighFiltered(layout, list, count);
}

/** Makes the tables of two knots behind everything: log w_b of both, then the portions of both. */
function tablesOf(opened: OpenedTiny, knots: readonly number[]): [number, number, number, number] {
  const { kernels, layout, index } = opened;
  const { bucketCount, itemCount } = index.facts;
  const fields = new DataView(kernels.memory.buffer, layout);
  const excluded = fields.getUint32(EXCLUDED, true);
  const bytes = 8 * bucketCount + 8 * itemCount + 256;
  const free = kernels.memory.grow(Math.ceil(bytes / 65536)) * 65536;
  const addresses = knots.map((knot, i) => {
    const [logs, portions] = [free + i * 4 * bucketCount, free + 8 * bucketCount + i * 4 * itemCount];
    const layoutFields = new DataView(kernels.memory.buffer, layout);
    layoutFields.setUint32(EXCLUDED, 0, true);
    kernels.weighKnot(layout, knot, logs);
    kernels.measurePortions(layout, knot, portions);
    layoutFields.setUint32(EXCLUDED, excluded, true);
    const found = new Float32Array(kernels.memory.buffer.slice(portions, portions + 4 * itemCount));
    expect(found).toEqual(measurePortions(index, knot));
    return [logs, portions] as const;
  });
  const [[lowLogs, low], [highLogs, high]] = addresses as [readonly [number, number], readonly [number, number]];
  return [lowLogs, highLogs, low, high];
}

/** (B): bucketLogWeights. */
const weightsOf = (opened: OpenedTiny): Float32Array =>
  opened.read(Float32Array, "bucketLogWeights", opened.index.facts.bucketCount);
