import { describe, expect, test } from "vitest";
import type { InternalBuildOptions } from "../../src/train/build/build-plan.ts";
import { readWarmStart } from "../../src/train/build/warm-start.ts";
import { moveBehind } from "../../src/train/codes/inverted-lists.ts";
import { chooseOutliers, outlierLimit, typicalQueryNorm } from "../../src/train/codes/outliers.ts";
import type { BuildReport } from "../../src/train/index.ts";
import { memoryRecords, recordsBehind } from "../../src/train/runtime/records.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { float32Of, int32Of, readRaw, xxh64 } from "../fixtures/index-file.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { randomRows } from "./rows.ts";

describe("chooseOutliers", () => {
  const squares = randomRows(5000, 1).map((value) => value * value);
  const bias = randomRows(5000, 2).map((value) => 3 * value);

  /** The classes by descending score, ties by ascending id. */
  function ranked(queryNorm: number, biases?: Float32Array): number[] {
    const score = (id: number): number => (biases?.[id] ?? 0) + 0.8 * queryNorm * Math.sqrt(squares[id] as number);
    return Array.from(squares.keys()).sort((a, b) => score(b) - score(a) || a - b);
  }

  test("takes the largest bias + 0.8 queryNorm ‖r‖, and returns ascending ids", () => {
    for (const [queryNorm, biases] of [
      [1, bias],
      [0.2, bias],
      [1, undefined],
    ] as const) {
      for (const limit of [0, 1, 2, 100, 256]) {
        const chosen = chooseOutliers({ squares, bias: biases, queryNorm }, limit);
        expect(Array.from(chosen)).toEqual(
          ranked(queryNorm, biases)
            .slice(0, limit)
            .sort((a, b) => a - b),
        );
      }
    }
  });

  test("takes lower classes of equal scores, and none that equals its codewords", () => {
    const equal = new Float32Array(100).fill(1);
    expect(Array.from(chooseOutliers({ squares: equal, bias: undefined, queryNorm: 1 }, 3))).toEqual([0, 1, 2]);
    const few = new Float32Array(100);
    few[70] = few[7] = 1;
    const high = new Float32Array(100).fill(50);
    expect(Array.from(chooseOutliers({ squares: few, bias: high, queryNorm: 1 }, 3))).toEqual([7, 70]);
  });

  test("has no more than a class in eight, and none in an index of fewer than 256", () => {
    expect([0, 7, 255, 256, 2048, 1e6].map((count) => outlierLimit(count, 1e9))).toEqual([0, 0, 0, 32, 256, 256]);
    expect(outlierLimit(1e6, 0)).toBe(0);
    expect(outlierLimit(1e6, 10)).toBe(10);
  });
});

test("moveBehind takes classes out of their buckets, and drops buckets that are left empty", () => {
  const lists = {
    codes: Int32Array.of(2, 3, 7),
    offsets: Int32Array.of(0, 3, 4, 6),
    ids: Int32Array.of(1, 4, 5, 0, 2, 3),
    largestBucket: 3,
  };
  expect(moveBehind(lists, Int32Array.of(0, 4))).toEqual({
    lists: {
      codes: Int32Array.of(2, 7),
      offsets: Int32Array.of(0, 2, 4),
      ids: Int32Array.of(1, 5, 2, 3, 0, 4),
      largestBucket: 2,
    },
    positions: Int32Array.of(3, 1),
  });
});

test("recordsBehind moves records to the end, whatever the chunks", () => {
  const records = Array.from({ length: 20 }, (_, i) => [i, 100 + i]);
  for (const moved of [[], [0], [19], [7, 3, 4], [19, 0, 10, 9, 1]]) {
    const expected = [...records.filter((_, i) => !moved.includes(i)), ...moved.map((i) => records[i])].flat();
    for (const size of [1, 3, 7, 20]) {
      const all = Uint8Array.from(records.flat());
      const chunks = Array.from({ length: Math.ceil(20 / size) }, (_, c) =>
        all.subarray(2 * size * c, 2 * size * (c + 1)),
      );
      const given = Array.from(recordsBehind(chunks, 2, Int32Array.from(moved)), (chunk) => [...chunk]).flat();
      expect(given).toEqual(expected);
      const erased = Array.from(recordsBehind(chunks, 2, Int32Array.from(moved), true), (chunk) => [...chunk]).flat();
      expect(erased).toEqual(expected.map((value, i) => (i < 40 - 2 * moved.length ? value : 0)));
    }
  }
  expect(
    Array.from(recordsBehind(memoryRecords(0, 2).chunks(), 2, new Int32Array(0)), (chunk) => chunk.length),
  ).toEqual([0, 0]);
});

const [ITEMS, DIM] = [2500, 7];
const vectors = rawVectors(ITEMS, DIM, 5);
const KINDS: InternalBuildOptions[] = (["f32", "f16", "i8"] as const).flatMap((rowType) => [
  { rowType, quantizer: "rq", bias: vectors.bias },
  { rowType, quantizer: "pq", metric: "cosine", fineCodes: true },
]);

describe.each(KINDS)("a build with outliers: $quantizer $rowType", (kind) => {
  const options = { ...kind, seed: 3, bits: 4 };
  const reports: BuildReport[] = [];
  const built = buildIndex(vectors, { ...options, mostOutliers: 20, onReport: (report) => reports.push(report) });
  const plain = buildIndex(vectors, { ...options, mostOutliers: 0 });

  test("has them behind the last bucket, ascending; nothing else about the classes changes", async () => {
    const [file, without] = [readRaw(await built), readRaw(await plain)];
    const [stored, before] = [storedIndex(await built), storedIndex(await plain)];
    expect(file.metadata["outliers.count"]).toBe("20");
    expect(without.metadata.sections).toBe("dispersion/1/refuse report/1/ignore");
    expect(stored.buckets.at(-1)?.end).toBe(ITEMS - 20);
    const outliers = Array.from(stored.ids.subarray(ITEMS - 20));
    expect(outliers).toEqual(outliers.toSorted((a, b) => a - b));
    expect(reports[0]).toMatchObject({ outlierCount: 20, weights: kind.bias ? "bias" : "none" });
    const places = placesOf(stored);
    for (const [id, place] of placesOf(before)) {
      expect(places.get(id)).toEqual(outliers.includes(id) ? { ...place, bucket: undefined } : place);
    }
    expect(stored.buckets.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBe(ITEMS - 20);
  });

  test("takes the classes that are farthest from their codewords, by what the file stores", async () => {
    const before = storedIndex(await plain);
    const squares = new Float32Array(squaresOf(before));
    const bias = kind.bias && Float32Array.from(kind.bias);
    const meanSquare = float32Of(readRaw(await plain), "dispersion.means")[1] as number;
    const queryNorm = typicalQueryNorm(ITEMS, meanSquare, { log64: Math.log });
    const expected = chooseOutliers({ squares, bias, queryNorm }, 20);
    expect(storedIndex(await built).ids.subarray(ITEMS - 20)).toEqual(expected);
  });

  test("states the squared residual of each bucket, weighted by itself, without the outliers", async () => {
    for (const file of [await built, await plain]) {
      const stored = storedIndex(file);
      const squares = squaresOf(stored);
      const dispersions = float32Of(readRaw(file), "dispersion.buckets");
      for (const [b, { begin, end }] of stored.buckets.entries()) {
        const ids = stored.ids.subarray(begin, end);
        const sumOf = (power: number): number => ids.reduce((sum, id) => sum + (squares[id] as number) ** power, 0);
        const mean = sumOf(2) / sumOf(1);
        expect(Math.abs((dispersions[b] as number) / mean - 1)).toBeLessThan(1e-6);
      }
    }
  });

  test("keeps them with the codebooks of an older index", async () => {
    const warmFrom = await built;
    const again: BuildReport[] = [];
    const onReport = (report: BuildReport): void => void again.push(report);
    expect(await buildIndex(vectors, { ...options, warmFrom, mostOutliers: 20, onReport })).toEqual(warmFrom);
    await buildIndex(vectors, { ...options, warmFrom, mostOutliers: 0, onReport });
    expect(again.map(({ moves }) => moves?.moved)).toEqual([0, 20]);
    expect(readWarmStart(warmFrom, xxh64).buckets.filter((bucket) => bucket < 0)).toHaveLength(20);
  });
});

interface Place {
  readonly bucket: number | undefined;
  readonly row: readonly number[];
  readonly scale: number | undefined;
  readonly bias: number | undefined;
}

/** What the file says of each class. */
function placesOf({ buckets, ids, rows, rowScales, bias }: ReturnType<typeof storedIndex>): Map<number, Place> {
  const bucketOf = (position: number): number | undefined => {
    const bucket = buckets.find(({ begin, end }) => begin <= position && position < end);
    return bucket && 16 * bucket.first + bucket.second;
  };
  return new Map(
    Array.from(ids, (id, at) => [
      id,
      { bucket: bucketOf(at), row: rows[at] as number[], scale: rowScales?.[at], bias: bias?.[at] },
    ]),
  );
}

/** ‖stored row − codewords‖² of each class in a bucket, by id. */
function squaresOf(stored: ReturnType<typeof storedIndex>): Float64Array {
  const { buckets, ids, rows, rowScales, codebook1, codebook2, dim, firstEnd, secondFrom } = stored;
  const squares = new Float64Array(ids.length);
  for (const { first, second, begin, end } of buckets) {
    for (let at = begin; at < end; at++) {
      for (let d = 0; d < dim; d++) {
        const a = d < firstEnd ? (codebook1[first]?.[d] as number) : 0;
        const b = d >= secondFrom ? (codebook2[second]?.[d - secondFrom] as number) : 0;
        const value = (rows[at]?.[d] as number) * (rowScales?.[at] ?? 1);
        const id = ids[at] as number;
        squares[id] = (squares[id] as number) + (value - a - b) ** 2;
      }
    }
  }
  return squares;
}

test("the dispersion of fine codes is the mean of what they leave of the rows in buckets", async () => {
  const file = readRaw(await buildIndex(vectors, { rowType: "f32", bits: 3, fineCodes: true, mostOutliers: 20 }));
  const [books, codebook1, rows] = [
    float32Of(file, "fineCodebooks"),
    float32Of(file, "codebook1"),
    float32Of(file, "rows"),
  ];
  const [codes, offsets] = [int32Of(file, "bucketCodes"), int32Of(file, "bucketOffsets")];
  const blocks = file.data.subarray(...(file.tensors.fineCodes?.data_offsets ?? [0, 0]));
  let sum = 0;
  for (let at = 0; at < ITEMS - 20; at++) {
    const bucket = offsets.findIndex((_, b) => at < (offsets[b + 1] as number));
    for (let d = 0; d < DIM; d++) {
      const m = d >> 1;
      const lane = at % 16;
      const byte = (Math.floor(at / 32) * 4 + m) * 16 + (lane < 8 ? 2 * lane : 2 * (lane - 8) + 1);
      const code = ((blocks[byte] as number) >> (at % 32 < 16 ? 0 : 4)) & 15;
      const first = codebook1[((codes[bucket] as number) >> 3) * 8 + d] as number;
      sum += ((rows[8 * at + d] as number) - first - (books[(2 * m + (d & 1)) * 16 + code] as number)) ** 2;
    }
  }
  const stated = Array.from(float32Of(file, "dispersion.means"));
  const square = rows.reduce((total, value) => total + value ** 2, 0);
  expect(Math.abs((stated[1] as number) / (square / ITEMS) - 1)).toBeLessThan(1e-6);
  const squares = Array.from({ length: ITEMS }, (_, at) =>
    rows.subarray(8 * at, 8 * at + 8).reduce((s, v) => s + v * v, 0),
  );
  expect(Math.abs((stated[2] as number) / Math.max(...squares) - 1)).toBeLessThan(1e-6);
  expect(stated[3]).toBe(0);
  expect(Math.abs((stated[0] as number) / (sum / (ITEMS - 20)) - 1)).toBeLessThan(1e-6);
});
