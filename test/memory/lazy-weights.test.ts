import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { IndexWithAllKernels } from "../../src/memory/opened-index.ts";
import type { Limits } from "../../src/memory/plan.ts";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

// What conditions cost is how many buckets are weighed again. These tests count them.

const vectors = rawVectors(2000, 8, 3);
const file = await build(vectors, { bias: vectors.bias, bits: 5, calibrate: "off", seed: 1 });
const [query] = vectors.queries as [Float32Array];

const { opened: sorted } = await open(file);
/** The classes that lie in a bucket, and those that are outliers, in the order of the file. */
const classes = [
  ...new Int32Array(sorted.kernels.memory.buffer, sorted.plan.file + (sorted.header.tensors.ids?.begin ?? 0), 2000),
];
const [A, B, C] = classes.filter((_, position) => position % 500 === 0) as [number, number, number];
const OUTLIER = classes.at(-1) as number;

const ALL = Number.POSITIVE_INFINITY;
/** By default so few rows would all be read, without a weight. */
const ESTIMATE = { scan: 1024, seed: 1 };

/** Opens an index and returns a function that counts the buckets that a call of it weighs. */
async function counting(
  bytes: Uint8Array,
  limits: Partial<Limits> = {},
): Promise<(call: (index: MultiIndex) => unknown) => number> {
  const { index, opened } = await open(bytes, limits);
  const kernels = opened.kernels as {
    -readonly [Name in keyof IndexWithAllKernels["kernels"]]: IndexWithAllKernels["kernels"][Name];
  };
  const { weighBuckets, weighKnot, weighFiltered } = kernels;
  let weighed = 0;
  kernels.weighBuckets = (layout, list, count) => {
    weighed += list === 0 ? ALL : count;
    weighBuckets(layout, list, count);
  };
  kernels.weighFiltered = (layout, list, count) => {
    weighed += list === 0 ? ALL : count;
    weighFiltered(layout, list, count);
  };
  kernels.weighKnot = (...given) => {
    weighed = ALL;
    weighKnot(...given);
  };
  return (call) => {
    weighed = 0;
    call(index);
    return weighed;
  };
}

describe("the buckets that a call weighs", () => {
  const FILTERS: readonly ConditionOptions[] = [
    { temperature: 0.5 },
    { exclude: [5, 7] },
    { allow: [3, 8, 99] },
    { allow: { bitmap: new Uint8Array(250).fill(0x5f) }, exclude: [1], temperature: 2 },
  ];

  test("are none for answers from all rows, under any conditions", async () => {
    const weighedBy = await counting(file);
    for (const options of FILTERS) {
      const given = { ...options, exact: true, seed: 1 } as const;
      expect(weighedBy((index) => index.predict(query, 5, given))).toBe(0);
      expect(weighedBy((index) => index.logProbability(query, [1, 2], given))).toBe(0);
      expect(weighedBy((index) => index.logPartition(query, given))).toBe(0);
      expect(weighedBy((index) => index.topK(query, 5, { ...options, exact: true }))).toBe(0);
      expect(weighedBy((index) => index.score(query, [1, 2]))).toBe(0);
    }
    // The weights in memory are still those of all classes.
    expect(weighedBy((index) => index.predict(query, 5))).toBe(0);
  });

  test("are none where a head holds all that allow leaves", async () => {
    const weighedBy = await counting(file);
    const given = { allow: [A, B, C, OUTLIER], temperature: 0.5, seed: 1 };
    const { seed, ...conditions } = given;
    for (const call of [
      (index: MultiIndex) => index.topK(query, 3, conditions),
      (index: MultiIndex) => index.predict(query, 3, given),
      (index: MultiIndex) => index.predict(query, 3, { ...given, scan: "auto" }),
      (index: MultiIndex) => index.logPartition(query, given),
      (index: MultiIndex) => index.logProbability(query, [A, 1], given),
      (index: MultiIndex) => index.sample(query, 9, given),
      (index: MultiIndex) => index.sample(query, 9, { ...given, exact: true }),
      (index: MultiIndex) => index.sampleTopK(query, 2, given),
      (index: MultiIndex) => index.logQ(query, [A, 1], conditions),
    ]) {
      expect(weighedBy(call)).toBe(0);
    }
    expect(weighedBy((index) => index.predict(query, 5, { seed }))).toBe(0);
  });

  test("are those of the classes that came into exclude or left it", async () => {
    const weighedBy = await counting(file);
    const excluding = (ids: number[]) => weighedBy((index) => index.predict(query, 5, { exclude: ids, ...ESTIMATE }));
    expect(excluding([A])).toBe(1);
    expect(excluding([A, A])).toBe(0);
    expect(excluding([A, B])).toBe(1);
    expect(excluding([A, B, OUTLIER])).toBe(0);
    expect(excluding([B, A])).toBe(0);
    expect(excluding([B, C])).toBe(2);
    expect(weighedBy((index) => index.predict(query, 5, ESTIMATE))).toBe(2);
  });

  test("are those of the classes that came into allow or left it", async () => {
    const weighedBy = await counting(file, { maxScan: 1 }); // a larger head would hold all that allow leaves
    const allowing = (...allow: number[]) => weighedBy((index) => index.sample(query, 5, { allow, seed: 1 }));
    expect(allowing(A, B, C)).toBe(ALL);
    expect(allowing(C, B, A, B)).toBe(0);
    expect(allowing(A, B)).toBe(1);
    expect(weighedBy((index) => index.topK(query, 3, { allow: [A, B, C], exclude: [B] }))).toBe(2);
  });

  test("are all at a new knot of the temperature where there are biases, and otherwise none", async () => {
    const at = (temperature: number) => (index: MultiIndex) => index.predict(query, 5, { temperature, ...ESTIMATE });
    const biased = await counting(file);
    const plain = await counting(await build(vectors, { bits: 5, calibrate: "off", seed: 1 }));
    expect([2, 2, 1, 1.1, 1.2, 1.3, 2, 0.9].map((temperature) => biased(at(temperature)))).toEqual([
      ...[ALL, 0, 0], // 1 / 2 is a knot, and the weights of 1 are kept
      ...[ALL, 0, 0, 0], // 1 / 1.1, 1 / 1.2 and 1 / 1.3 lie between 1 / √2 and 1
      ALL, // 1 / 0.9 lies between 1 and √2
    ]);
    expect([plain(at(2)), plain(at(2)), plain(at(1))]).toEqual([0, 0, 0]);
  });
});
