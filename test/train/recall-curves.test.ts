import { describe, expect, test } from "vitest";
import type { RecallPoint } from "../../src/format/recall-curve.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { type BuildOptions, type BuildProgress, build } from "../../src/train/index.ts";
import { buildIndex } from "../build-index.ts";
import { bytesOf, readRaw } from "../index-file.ts";
import { type RawVectors, rawVectors } from "../raw-vectors.ts";
import { randomRows } from "./rows.ts";

const vectors = rawVectors(1500, 8, 21);
const queries = randomRows(30 * 8, 22).map((value) => 3 * value);

/** The cost of a point, in codes read. */
const costOf = ({ scan, rescore }: RecallPoint): number => scan + 16 * rescore;

/** Returns the ids of the k best rows without one row, in f64 over the input vectors. */
function trueBest(
  { data, bias, shape: [itemCount, dim] }: RawVectors,
  metric: "dot" | "cosine",
  query: Float32Array,
  k: number,
  self = -1,
): number[] {
  const scores = Array.from({ length: itemCount }, (_, id) => {
    const row = data.subarray(id * dim, (id + 1) * dim);
    const dot = row.reduce((sum, value, d) => sum + value * (query[d] as number), 0);
    const scale = metric === "cosine" ? Math.hypot(...row) * Math.hypot(...query) : 1;
    return dot / scale + (bias[id] as number);
  });
  const order = Array.from(scores.keys()).filter((id) => id !== self);
  return order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b).slice(0, k);
}

/** Computes the recall of topK. */
function recallOf(
  index: MultiIndex,
  { scan, rescore }: RecallPoint,
  recallQueries: readonly { readonly query: Float32Array; readonly self?: number; readonly best: readonly number[] }[],
  k: number,
): number {
  let [found, wanted] = [0, 0];
  for (const { query, self, best } of recallQueries) {
    const more = self === undefined ? 0 : 1;
    const { ids } = index.topK(query, k + more, { scan, rescore: rescore + more });
    const answer = Array.from(ids).filter((id) => id !== self);
    found += best.filter((id) => answer.slice(0, k).includes(id)).length;
    wanted += best.length;
  }
  return found / wanted;
}

const buildWithCurves = (options: BuildOptions, of: RawVectors = vectors): Promise<Uint8Array<ArrayBuffer>> =>
  build(of, { bias: of.bias, fineCodes: true, ...options });

const KINDS: readonly (BuildOptions & { readonly metric: "dot" | "cosine" })[] = [
  { metric: "dot", quantizer: "rq", rowType: "f32" },
  { metric: "cosine", quantizer: "rq", rowType: "i8" },
  { metric: "dot", quantizer: "pq", rowType: "f16" },
];

describe.each(KINDS)("recall curves: $metric, $quantizer, $rowType", (kind) => {
  test("rise with the work, and are what brute force finds of their queries", async () => {
    const index = await load(await buildWithCurves({ ...kind, queries }));
    const { recallCurves } = index.info;
    expect(recallCurves.map(({ k }) => k)).toEqual([10, 100]);
    const recallQueries = Array.from({ length: 30 }, (_, i) => queries.subarray(8 * i, 8 * i + 8)).map((query) => ({
      query,
      best: trueBest(vectors, kind.metric, query, 100),
    }));
    for (const { k, points } of recallCurves) {
      expect(points.length).toBeGreaterThan(0);
      const bests = recallQueries.map(({ query, best }) => ({ query, best: best.slice(0, k) }));
      for (const [i, point] of points.entries()) {
        const before = points[i - 1];
        if (before) {
          expect(point.recall).toBeGreaterThan(before.recall);
          expect(costOf(point)).toBeGreaterThanOrEqual(costOf(before));
        }
        // Rows that are equal in f32 may be exchanged in the truth
        expect(Math.abs(recallOf(index, point, bests, k) - point.recall)).toBeLessThan(2 / (30 * k));
      }
    }
    expect(recallCurves[0]?.points.at(-1)?.recall).toBeGreaterThan(0.97);
  });

  test("are of evenly spaced rows where no queries are given, no row its own neighbour", async () => {
    const index = await load(await buildWithCurves(kind));
    const recallQueries = Array.from({ length: 256 }, (_, i) => Math.floor((i * 1500) / 256)).map((self) => {
      const query = vectors.data.slice(8 * self, 8 * self + 8);
      return { query, self, best: trueBest(vectors, kind.metric, query, 10, self) };
    });
    const [{ points } = { points: [] }] = index.info.recallCurves;
    for (const point of [points[0], points.at(-1)] as RecallPoint[]) {
      expect(Math.abs(recallOf(index, point, recallQueries, 10) - point.recall)).toBeLessThan(2 / 2560);
    }
  });
});

describe("a build with fine codes", () => {
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
    const others = await load(await buildWithCurves({}));
    expect(given.info.recallCurves).not.toEqual(others.info.recallCurves);
  });

  test.each([0, 1, 2, 11, 101])("measures itself however few rows it has: %d", async (itemCount) => {
    const few = rawVectors(itemCount, 3, 5);
    const index = await load(await buildWithCurves({ rowType: "f32" }, few));
    for (const { points } of index.info.recallCurves) expect(points.at(-1)?.recall).toBe(itemCount > 0 ? 1 : undefined);
    const query = few.queries[1] as Float32Array;
    const { ids, scores } = index.topK(query, 200, { exact: true });
    const found = index.topK(query, 200);
    expect([found.ids, found.scores]).toEqual([ids, scores]);
  });

  test("of no query measures nothing", async () => {
    const index = await load(await buildWithCurves({ queries: new Float32Array(0) }));
    expect(index.info.recallCurves).toEqual([10, 100].map((k) => ({ k, points: [] })));
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
      expect(index.topK(query, k, { recall: 0 })).toEqual(index.topK(query, k, { scan, rescore }));
    }
  });

  test("of .95 is what nothing said means", async () => {
    const index = await opening;
    for (const k of [1, 10, 100]) expect(index.topK(query, k)).toEqual(index.topK(query, k, { recall: 0.95 }));
    const more = index.info.recallCurves[1]?.points.find(({ recall }) => recall >= 0.95) as RecallPoint;
    expect(index.topK(query, 250)).toEqual(
      index.topK(query, 250, { scan: more.scan, rescore: Math.ceil(2.5 * more.rescore) }),
    );
  });

  test("where nothing was measured is the head of `scan`, and a recall is answered exactly", async () => {
    const index = await load(await buildIndex(vectors, { fineCodes: true }));
    expect(index.topK(query, 10)).toEqual(index.topK(query, 10, { scan: 1024 }));
    expect(index.topK(query, 10, { recall: 0.5 })).toEqual(index.topK(query, 10, { exact: true }));
  });

  test("above what the build measured is exact, and says so", async () => {
    const index = await opening;
    const reached = Math.max(...(index.info.recallCurves[0]?.points ?? []).map(({ recall }) => recall));
    expect(reached).toBeLessThan(1);
    for (const recall of [(reached + 1) / 2, 1]) {
      const answer = index.topK(query, 10, { recall });
      expect(answer.exact).toBe(true);
      expect(answer).toEqual(index.topK(query, 10, { exact: true }));
    }
  });

  test("refuses by name what can't be", async () => {
    const index = await opening;
    const plain = await load(await buildIndex(vectors, {}));
    const ask = (on: MultiIndex, options: object) => () => on.topK(query, 10, options as never);
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
    expect(ask(plain, { recall: 0.5 })).toThrow(`"recall" ${without}: give "scan" or "exact" instead`);
    expect(ask(plain, { rescore: 5 })).toThrow(new RangeError(`"rescore" ${without}`));
  });
});
