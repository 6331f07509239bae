import { describe, expect, test } from "vitest";
import type { RecallPoint } from "../../src/format/recall-curve.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { compileInlined } from "../../src/memory/compile-inlined.ts";
import { type BuildOptions, type BuildProgress, type BuildReport, build } from "../../src/train/index.ts";
import { type AskedQueries, askedByStandIns, askedByUsers } from "../../src/train/recall/asked-queries.ts";
import { curvesOf, promisedRecall } from "../../src/train/recall/recall-points.ts";
import { tableOf } from "../../src/train/rows/row-table.ts";
import { singleThread } from "../../src/train/runtime/worker-pool.ts";
import { standInQueries } from "../../src/train/stand-ins/stand-in-queries.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { bytesOf, readRaw } from "../fixtures/index-file.ts";
import { type RawVectors, rawVectors } from "../fixtures/raw-vectors.ts";
import { EVERY } from "../run/size.ts";
import { trainKernels } from "./instances.ts";
import { randomRows } from "./rows.ts";

const vectors = rawVectors(900, 8, 21);
const queries = randomRows(30 * 8, 22).map((value) => 3 * value);
const modules = await compileInlined();

/** The cost of a point, in codes read. */
const costOf = ({ scan, rescore }: RecallPoint): number => scan + 16 * rescore;

const listOf = (all: Float32Array, dim: number): Float32Array[] =>
  Array.from({ length: all.length / dim }, (_, i) => all.subarray(dim * i, dim * (i + 1)));

/** The scores of all classes, in f64, of the rows that the index stores. */
function scoresOf(index: MultiIndex, bias: Float32Array, query: Float32Array): Float64Array {
  const { itemCount, dim, metric } = index.info;
  const rows = index.rows(Array.from({ length: itemCount }, (_, id) => id));
  const length = metric === "cosine" ? Math.hypot(...query) : 1;
  return Float64Array.from({ length: itemCount }, (_, id) => {
    const row = rows.subarray(id * dim, (id + 1) * dim);
    return row.reduce((sum, value, d) => sum + (value * (query[d] as number)) / length, 0) + (bias[id] as number);
  });
}

interface Asked {
  readonly query: Float32Array;
  readonly scores: Float64Array;
  /** The scores, ascending. */
  readonly sorted: Float64Array;
}

/** The share of the k best that topK finds for each query. */
function sharesFound(index: MultiIndex, { scan, rescore }: RecallPoint, asked: readonly Asked[], k: number): number[] {
  return asked.map(({ query, scores, sorted }) => {
    const least = sorted.at(-k) as number;
    const { ids } = index.topK(query, k, { scan, rescore });
    return ids.filter((id) => (scores[id] as number) >= least).length / k;
  });
}

/** Queries of users, which have the factor 1, are known to find enough from 32 on. */
const luckOf = (count: number, factor: number): number => (factor === 1 ? Math.max(1, (1 + 32 / count) / 2) : 1);

/** The recall that a curve promises, from its definition: a margin on the miss and its standard error. */
function promised(shares: readonly number[], k: number, factor = 1): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const more = [...shares, 1 - 1 / k]; // one query more, which misses one class
  const center = mean(more);
  const variance = more.reduce((sum, share) => sum + (share - center) ** 2, 0) / (more.length - 1);
  return 1 - factor * luckOf(shares.length, factor) * (1 - mean(shares) + Math.sqrt(variance / more.length));
}

/** Builds an index with curves, which are measured with given queries whether error bars are calibrated or not. */
const buildWithCurves = (options: BuildOptions, of: RawVectors = vectors): Promise<Uint8Array<ArrayBuffer>> =>
  build(of, { bias: of.bias, fineCodes: true, calibrate: options.queries?.length ? "off" : "quick", ...options });

/**
 * Expects the points of both curves to promise what brute force finds for the kind of queries that finds least, and returns how
 * many points there are.
 */
function expectCurves(
  index: MultiIndex,
  bias: Float32Array,
  { queries: asked, kindCount }: AskedQueries,
  factor = 1,
): number {
  const list = listOf(asked, index.info.dim).map((query): Asked => {
    const scores = scoresOf(index, bias, query);
    return { query, scores, sorted: scores.toSorted() };
  });
  let count = 0;
  for (const { k, points } of index.info.recallCurves) {
    for (const point of points) {
      const shares = sharesFound(index, point, list, k);
      const byKind = Array.from({ length: kindCount }, (_, kind) => shares.filter((_, i) => i % kindCount === kind));
      const expected = Math.min(...byKind.map((own) => promised(own, k, factor)));
      // Two scores may be closer than the rounding of the kernels, and each class exchanged moves the standard error, too.
      expect(Math.abs(point.recall - expected)).toBeLessThan(
        (3 * factor * luckOf(list.length / kindCount, factor) * kindCount) / (list.length * k),
      );
      count++;
    }
  }
  return count;
}

const KINDS: readonly (BuildOptions & { readonly metric: "dot" | "cosine" })[] = [
  { metric: "dot", quantizer: "rq", rowType: "f32" },
  { metric: "cosine", quantizer: "rq", rowType: "i8" },
  { metric: "dot", quantizer: "pq", rowType: "f16" },
  { metric: "dot", quantizer: "rq", rowType: "i8" },
];

test("recall curves of a file with residuals are what topK finds of the best refined rows", async () => {
  const index = await load(await buildWithCurves({ rowType: "i8", residuals: true, queries }));
  const asked = listOf(queries, 8);
  let count = 0;
  for (const { k, points } of index.info.recallCurves) {
    const least = asked.map((query) => index.topK(query, k, { exact: true }).scores.at(-1) as number);
    for (const { recall, ...effort } of points) {
      const found = asked.map((query) => index.topK(query, k, effort).scores);
      const shares = found.map((scores, i) => scores.filter((score) => score >= (least[i] as number)).length / k);
      expect(Math.abs(recall - promised(shares, k))).toBeLessThan(1e-6);
      count++;
    }
  }
  expect(count).toBeGreaterThan(1);
});

describe.each(KINDS)("recall curves: $metric, $quantizer, $rowType", (kind) => {
  test("rise with the work, and are what brute force finds of the stored rows, less one standard error", async () => {
    const index = await load(await buildWithCurves({ ...kind, queries }));
    expect(index.info).toMatchObject({ recallQueries: "queries" });
    for (const { points } of index.info.recallCurves) {
      expect(points.length).toBeGreaterThan(0);
      for (const [i, point] of points.entries()) {
        const before = points[i - 1];
        if (before === undefined) continue;
        expect(point.recall).toBeGreaterThan(before.recall);
        expect(costOf(point)).toBeGreaterThanOrEqual(costOf(before));
      }
    }
    expect(expectCurves(index, vectors.bias, askedByUsers(queries))).toBeGreaterThan(1);
    expect(index.info.recallCurves[0]?.points.at(-1)?.recall).toBeGreaterThan(0.97);
  });

  // Stand-ins depend on the metric, and not on the quantizer.
  const asksStandIns = EVERY || kind.metric === "cosine";
  test.runIf(asksStandIns)("are of stand-ins where no queries are given, and keep a larger margin", async () => {
    const index = await load(await buildWithCurves({ ...kind, seed: 5 }));
    expect(index.info).toMatchObject({ recallQueries: "stand-ins" });
    const { metric } = kind;
    const tools = { modules, pool: singleThread({ train: trainKernels() }) };
    const rows = { table: tableOf(vectors), metric, bias: vectors.bias };
    const standIns = await standInQueries(tools, rows, { count: 256, seed: 5n }, async () => {});
    expect(expectCurves(index, vectors.bias, askedByStandIns(standIns), 1.25)).toBeGreaterThan(1);
  });

  test("come with what storing the rows lost", async () => {
    const reports: BuildReport[] = [];
    const onReport = (report: BuildReport): void => void reports.push(report);
    const index = await load(await buildWithCurves({ ...kind, queries, onReport }));
    const { rowRecall } = index.info;
    const given = listOf(queries, 8).map((query) => bruteForce(vectors, kind.metric, query, 10));
    const stored = listOf(queries, 8).map((query) => index.topK(query, 10, { exact: true }).ids);
    const found = given.reduce((sum, ids, i) => sum + ids.filter((id) => stored[i]?.includes(id)).length, 0);
    expect(Math.abs((rowRecall as number) - found / 300)).toBeLessThan(2 / 300);
    if (kind.rowType === "f32") expect(rowRecall).toBe(1);
    expect(reports.map(({ recall }) => recall)).toEqual([
      {
        source: "queries",
        queryCount: 30,
        rowRecall: expect.closeTo(rowRecall as number, 6),
        highestRecall: expect.closeTo(index.info.recallCurves[0]?.points.at(-1)?.recall as number, 6),
      },
    ]);
  });
});

/** Returns the ids of the k best original rows, in f64. */
function bruteForce(
  { data, bias, shape: [itemCount, dim] }: RawVectors,
  metric: "dot" | "cosine",
  query: Float32Array,
  k: number,
): number[] {
  const scores = Array.from({ length: itemCount }, (_, id) => {
    const row = data.subarray(id * dim, (id + 1) * dim);
    const dot = row.reduce((sum, value, d) => sum + value * (query[d] as number), 0);
    return dot / (metric === "cosine" ? Math.hypot(...row) * Math.hypot(...query) : 1) + (bias[id] as number);
  });
  return Array.from(scores.keys())
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, k);
}

test("int8 rows that lose neighbours lose them in rowRecall alone: a curve can still promise all of the stored ones", async () => {
  // One large value per row leaves few of the 255 steps to the others, which decide.
  const { data, shape } = rawVectors(1500, 8, 4);
  const coarse = data.map((value, i) => (i % 8 === 0 ? 400 : value));
  const asked = queries.map((value, i) => (i % 8 === 0 ? 0 : value));
  const { recallCurves, rowRecall } = (
    await load(await build({ data: coarse, shape }, { fineCodes: true, queries: asked, calibrate: "off" }))
  ).info;
  expect(rowRecall).toBeLessThan(0.9);
  expect(recallCurves[0]?.points.at(-1)?.recall).toBeGreaterThan(0.98);
});

test("outliers, which have no codes, count as found: every topK looks at them", async () => {
  const { data, shape } = rawVectors(1500, 8, 31);
  const far = data.map((value, i) => (i < 30 * 8 ? 20 * value : value));
  const index = await load(await build({ data: far, shape }, { fineCodes: true, queries, calibrate: "off" }));
  const { outlierCount } = index.info;
  expect(outlierCount).toBeGreaterThan(20);
  const none = new Float32Array(1500);
  expect(expectCurves(index, none, askedByUsers(queries))).toBeGreaterThan(5);
  const coded = index.topK(queries.subarray(0, 8), 10, { scan: 1500, rescore: 10 });
  expect(Array.from(coded.ids).some((id) => id < 30)).toBe(true);
});

describe("promisedRecall", () => {
  const sums = (hits: readonly number[]) => ({
    queryCount: hits.length,
    hits: hits.reduce((a, b) => a + b, 0),
    squares: hits.reduce((sum, hit) => sum + hit * hit, 0),
  });

  test("takes one standard error from what queries found, and more from what stand-ins found", () => {
    const hits = [10, 9, 10, 7];
    const eight = Array.from({ length: 8 }, () => hits).flat();
    const found = promisedRecall(sums(eight), 10, "queries");
    const shares = eight.map((hit) => hit / 10);
    expect(found).toBeCloseTo(promised(shares, 10), 12);
    const made = promisedRecall(sums(hits), 10, "stand-ins");
    expect(made).toBeCloseTo(1 - 1.25 * (0.1 + Math.sqrt(0.06 / 4 / 5)), 12);
  });

  test("is below 1 where nothing was missed, the more so the fewer queries there were", () => {
    const of = (count: number): number => promisedRecall(sums(Array(count).fill(10)), 10, "queries");
    expect(of(1)).toBeCloseTo(1 - 0.05 * 16.5, 12); // one of many settings found all of it by luck
    expect(of(4)).toBeLessThan(0.92);
    expect(of(16)).toBeGreaterThan(0.98);
    expect(of(32)).toBeGreaterThan(0.995);
    expect(of(256)).toBeGreaterThan(of(16));
    expect(of(256)).toBeLessThan(1);
  });
});

test("a curve promises what the kind of queries finds that finds least, and no kind needs to have queries", () => {
  const settings = { itemCount: 20, rows: "i8", partCount: 1, scans: [20], rescores: [10] } as const;
  const found = (...hits: readonly number[]) => hits.flatMap((hit) => [hit, 0]); // of k = 10, and of k = 100
  const promise = (queryCounts: readonly number[], hits: readonly number[], squares: readonly number[]) =>
    curvesOf(
      {
        ...settings,
        queryCounts,
        hits: Float64Array.from(found(...hits)),
        squares: Float64Array.from(found(...squares)),
        exactRows: new Float64Array(4).fill(20),
      },
      "stand-ins",
    )[0]?.points[0]?.recall;
  const worst = { queryCount: 2, hits: 16, squares: 130 };
  const expected = Math.fround(promisedRecall(worst, 10, "stand-ins"));
  expect(promise([2, 2], [20, 16], [200, 130])).toBe(expected);
  expect(promise([2, 2], [16, 20], [130, 200])).toBe(expected);
  expect(promise([2, 0], [16, 0], [130, 0])).toBe(expected);
  expect(promise([0, 0], [0, 0], [0, 0])).toBeUndefined();
});

describe("a curve ends where exact answers take less time", () => {
  // Codes of all rows take half of a scan, and a row out of order as long as 10 rows in a scan.
  const curve = (exactTimes: readonly number[], queryCounts: readonly number[] = [4]) => {
    const [itemCount, scans, rescores] = [1000, [250, 500, 1000], [10]];
    const found = [20, 0, 0, 30, 0, 0, 39, 0, 0]; // of k = 10, by scan
    const hits = [found[0], found[3], found[6], 0, 0, 0] as number[];
    const squares = hits.map((hit) => hit ** 2 / 4);
    return curvesOf(
      {
        ...{ itemCount, rows: "i8", partCount: 1, scans, rescores, queryCounts },
        hits: Float64Array.from(queryCounts.flatMap(() => hits)),
        squares: Float64Array.from(queryCounts.flatMap(() => squares)),
        exactRows: Float64Array.from(exactTimes.flatMap((time) => [4 * time * itemCount, 0])),
      },
      "stand-ins",
    )[0]?.points.map(({ scan }) => scan);
  };

  test("as the time of the codes and rows that a point reads says", () => {
    expect(curve([0.7])).toEqual([250, 500, 1000]); // .125, .25 and .5 for codes, and .1 for ten rows
    expect(curve([0.6])).toEqual([250, 500]);
    expect(curve([0.3])).toEqual([250]);
  });

  test("but the first point stays", () => {
    expect(curve([0.01])).toEqual([250]);
  });

  test("by the first kind of queries, which is the one to expect", () => {
    expect(curve([0.3, 9], [4, 4])).toEqual([250]);
    expect(curve([9, 0.3], [4, 4])).toEqual([250, 500, 1000]);
  });
});

describe("a build with fine codes", () => {
  const withoutQueries = buildWithCurves({});

  test("is a function of its arguments, and measuring changes nothing but the curves", async () => {
    const options: BuildOptions = { rowType: "f16", seed: 3, queries, calibrate: "off" };
    const file = await buildWithCurves(options);
    expect(await buildWithCurves(options)).toEqual(file);
    const measured = readRaw(file);
    const plain = readRaw(await buildIndex(vectors, { ...options, bias: vectors.bias, fineCodes: true }));
    for (const name of Object.keys(plain.tensors)) {
      const isSame = Buffer.compare(bytesOf(measured, name), bytesOf(plain, name)) === 0;
      expect(isSame, name).toBe(name !== "recallCurves");
    }
  });

  test("measures for the queries it is given", async () => {
    const given = await load(await buildWithCurves({ queries }));
    const others = await load(await withoutQueries);
    expect(given.info.recallCurves).not.toEqual(others.info.recallCurves);
  });

  test.each([0, 1, 2, 11, 101])("measures itself however few rows it has: %d", async (itemCount) => {
    const few = rawVectors(itemCount, 3, 5);
    const index = await load(await buildWithCurves({ rowType: "f32" }, few));
    expect(index.info.recallQueries).toBe(itemCount > 0 ? "stand-ins" : "none");
    for (const { points } of index.info.recallCurves) expect(points.length > 0).toBe(itemCount > 0);
    const query = few.queries[1] as Float32Array;
    const { ids, scores } = index.topK(query, 200, { exact: true });
    const found = index.topK(query, 200);
    expect([found.ids, found.scores]).toEqual([ids, scores]);
  });

  test("of no query measures as one without queries", async () => {
    const file = await buildWithCurves({ queries: new Float32Array(0) });
    expect(file).toEqual(await withoutQueries);
  });

  test("says nothing about recall without fine codes", async () => {
    const { info } = await load(await build(vectors, { calibrate: "off" }));
    expect(info).toMatchObject({ recallQueries: "none", recallCurves: [] });
    expect(info).not.toHaveProperty("rowRecall");
  });

  test("stops when its signal is aborted while it measures", async () => {
    const controller = new AbortController();
    const onProgress = ({ phase, done, total }: BuildProgress): void => {
      if (phase === "write" && done === total) setTimeout(() => controller.abort(new Error("enough")));
    };
    await expect(buildWithCurves({ onProgress, signal: controller.signal })).rejects.toThrow("enough");
  });

  test.each([
    ["fineCodes", { fineCodes: 1 }, /"fineCodes" expected true or false, got 1/],
    ["no Float32Array", { queries: [1, 2] }, /"queries" expected a Float32Array/],
    ["part of a query", { queries: new Float32Array(12) }, /"queries" expected n × 8 values, got 12/],
    ["not a number", { queries: new Float32Array(8).fill(Number.NaN) }, /"queries"\[0\] expected a finite .*, got NaN/],
    ["too much", { queries: new Float32Array(8).fill(2 ** 41) }, /"queries"\[0\] expected .* at most 2\^40, got 2199/],
  ])("refuses by name: %s", async (_, options, message) => {
    await expect(buildWithCurves(options as never)).rejects.toThrow(message);
  });
});

describe("topK by recall", () => {
  const opening = buildWithCurves({ rowType: "i8", queries }).then((file) => load(file));
  const [query] = vectors.queries as [Float32Array];

  test("takes the first point that reaches it", async () => {
    const index = await opening;
    for (const { k, points } of index.info.recallCurves) {
      for (const { scan, rescore, recall } of points) {
        expect(index.topK(query, k, { recall })).toEqual(index.topK(query, k, { scan, rescore }));
      }
      const [{ scan, rescore }] = points as [RecallPoint];
      expect(index.topK(query, k, { recall: 0.001 })).toEqual(index.topK(query, k, { scan, rescore }));
    }
  });

  test("of .95 is what nothing said means", async () => {
    const index = await opening;
    for (const k of [1, 10, 100]) expect(index.topK(query, k)).toEqual(index.topK(query, k, { recall: 0.95 }));
    const more = index.info.recallCurves[1]?.points.find(({ recall, rescore }) => recall >= 0.95 && rescore > 100);
    const effort = more && { scan: Math.ceil(2.5 * more.scan), rescore: Math.ceil(2.5 * more.rescore) };
    expect(index.topK(query, 250)).toEqual(index.topK(query, 250, effort ?? { exact: true }));
  });

  test("where nothing was measured is the head of `scan`, and a recall is answered exactly", async () => {
    const index = await load(await buildIndex(vectors, { fineCodes: true }));
    expect(index.topK(query, 10)).toEqual(index.topK(query, 10, { scan: 1024 }));
    expect(index.topK(query, 10, { recall: 0.5 })).toEqual(index.topK(query, 10, { exact: true }));
  });

  test("above what was measured is exact, and says so", async () => {
    const index = await opening;
    const reached = Math.max(...(index.info.recallCurves[0]?.points ?? []).map(({ recall }) => recall));
    expect(reached).toBeLessThan(1);
    for (const recall of [(reached + 1) / 2, 1]) {
      const answer = index.topK(query, 10, { recall });
      expect(answer.exact).toBe(true);
      expect(answer).toEqual(index.topK(query, 10, { exact: true }));
    }
  });

  test("is exact where the point would rescore more rows than the index was loaded for", async () => {
    const file = await buildWithCurves({ rowType: "i8", queries });
    const index = await load(file, { maxScan: 20 });
    const point = index.info.recallCurves[1]?.points[0] as RecallPoint;
    const answer = index.topK(query, 100, { recall: point.recall });
    expect(point.rescore).toBeGreaterThan(20);
    expect(answer.exact).toBe(true);
    expect(answer).toEqual(index.topK(query, 100, { exact: true }));
  });

  test("refuses by name what can't be", async () => {
    const index = await opening;
    const plain = await load(await buildIndex(vectors, {}));
    const ask = (on: MultiIndex, options: object) => () => on.topK(query, 10, options as never);
    expect(ask(index, { recall: 0 })).toThrow(new RangeError('"recall" expected more than 0, at most 1, got 0'));
    expect(ask(index, { recall: -0.5 })).toThrow(new RangeError('"recall" expected 0 to 1, got -0.5'));
    expect(ask(index, { recall: 1.5 })).toThrow(new RangeError('"recall" expected 0 to 1, got 1.5'));
    expect(ask(index, { recall: Number.NaN })).toThrow(new RangeError('"recall" expected 0 to 1, got NaN'));
    expect(ask(index, { recall: "0.9" })).toThrow(new TypeError('"recall" expected a number, got "0.9"'));
    expect(ask(index, { recall: 0.5, scan: 9 })).toThrow('"recall" expected no "scan" beside it, got scan: 9');
    expect(ask(index, { recall: 0.5, rescore: 9 })).toThrow('"recall" expected no "rescore" beside it, got rescore: 9');
    expect(ask(index, { rescore: 1.5 })).toThrow(new TypeError('"rescore" expected an integer, got 1.5'));
    expect(ask(index, { rescore: -1 })).toThrow(new RangeError('"rescore" expected 0 or more, got -1'));
    expect(ask(index, { rescore: 9, scan: -1 })).toThrow(new RangeError('"scan" expected 0 or more, got -1'));
    expect(ask(index, { rescore: 9, scan: 0.5 })).toThrow(new TypeError('"scan" expected an integer, got 0.5'));
    const without = 'expected an index built with "fineCodes" (--fine-codes), got one without';
    expect(ask(plain, { rescore: 5 })).toThrow(new RangeError(`"rescore" ${without}`));
  });
});
