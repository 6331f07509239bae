import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type RawVectors, rawVectors } from "../fixtures/raw-vectors.ts";
import { reference } from "../reference/index.ts";

const N = 700;
const KINDS = (["dot", "cosine"] as const).flatMap((metric) =>
  (["f32", "f16", "i8"] as const).flatMap((rowType) =>
    (["rq", "pq"] as const).map((quantizer, i) => ({ metric, rowType, quantizer, dim: [7, 24][i] as number })),
  ),
);

const even = Int32Array.from({ length: N / 2 }, (_, i) => 2 * i);
const CONDITIONS: readonly ConditionOptions[] = [
  {},
  { exclude: [0, 3, 3, 699] },
  { allow: even },
  { allow: { bitmap: new Uint8Array(Math.ceil(N / 8)).fill(0x24) }, exclude: [2, 5], temperature: 0.25 },
  { allow: [] },
];

async function loadRaw(vectors: RawVectors, options: BuildOptions): Promise<MultiIndex> {
  const file = await buildIndex(vectors, { bits: 3, ...options, bias: vectors.bias, fineCodes: true });
  return load(file);
}

describe.each(KINDS)("topK by all fine codes: $metric, $rowType, $quantizer, D = $dim", ({ dim, ...kind }) => {
  const vectors = rawVectors(N, dim, dim);
  const opening = loadRaw(vectors, kind);

  test("is brute force over the stored rows, ids and scores, under every filter", async () => {
    const index = await opening;
    for (const conditions of CONDITIONS) {
      for (const query of vectors.queries) {
        for (const k of [0, 1, 10, N, N + 5]) {
          const found = index.topK(query, k, { ...conditions, scan: N, rescore: N });
          const exact = index.topK(query, k, { ...conditions, exact: true });
          expect([found.ids, found.scores]).toEqual([exact.ids, exact.scores]);
          expect(best(index, query, k, conditions)).toEqual([found.ids, found.scores]);
        }
      }
    }
  });

  test("scores the vectors it was built from", async () => {
    const index = await opening;
    const loss = { f32: 1e-5, f16: 1e-3, i8: 0.02 }[kind.rowType];
    for (const query of vectors.queries) {
      const { ids, scores } = index.topK(query, 20, { rescore: N });
      for (const [i, id] of ids.entries()) {
        const { logit, norm } = trueLogit(vectors, kind.metric, query, id);
        expect(Math.abs((scores[i] as number) - logit)).toBeLessThanOrEqual(loss * norm);
      }
    }
  });
});

describe("topK by some fine codes", () => {
  const vectors = rawVectors(3000, 12, 3);
  const opening = loadRaw(vectors, { bits: 4, rowType: "f16" });

  test("gives exact scores, finds more for more work, and most of the best for a tenth of the rows", async () => {
    const index = await opening;
    const queries = Array.from({ length: 40 }, (_, i) => vectors.data.slice(12 * 70 * i, 12 * 70 * i + 12));
    const recallOf = (scan: number, rescore: number): number => {
      let found = 0;
      for (const query of queries) {
        const { ids, scores } = index.topK(query, 10, { scan, rescore });
        expect(index.score(query, ids)).toEqual(scores);
        const wanted = new Set(index.topK(query, 10, { exact: true }).ids);
        found += ids.filter((id) => wanted.has(id)).length;
      }
      return found / (10 * queries.length);
    };
    const recalls = [10, 20, 50, 300].map((rescore) => recallOf(3000, rescore));
    expect(recalls).toEqual(recalls.toSorted());
    expect(recalls.slice(1).every((recall) => recall > 0.95)).toBe(true);
    const scans = [200, 800, 3000].map((scan) => recallOf(scan, 300));
    expect(scans).toEqual(scans.toSorted());
  });

  test("scores the outliers and the requested number of rows, at least k, and reports it", async () => {
    const index = await opening;
    const [query] = vectors.queries as [Float32Array];
    const { outlierCount } = index.info;
    expect(outlierCount).toBe(256);
    for (const [k, rescore, scored] of [
      [10, 40, 40 + outlierCount],
      [10, 3, 10 + outlierCount],
      [0, 0, outlierCount],
      [5, 1e4, 3000],
    ] as const) {
      expect(index.topK(query, k, { rescore }).scored).toBe(scored);
      expect(index.topK(query, k, { rescore }).ids).toHaveLength(k);
    }
    expect(index.topK(query, 10, { rescore: 3000, exclude: [1, 2] }).scored).toBe(2998);
    expect(index.topK(query, 10, { scan: 0, rescore: 40 })).toMatchObject({ scored: outlierCount, exact: false });
  });

  test("is exact if all rows are scored, whatever came before", async () => {
    const index = await opening;
    const [query] = vectors.queries as [Float32Array];
    for (const before of [0, 3000]) {
      index.topK(query, 10, { scan: before });
      expect(index.topK(query, 10, { rescore: 40 }).exact).toBe(false);
      index.topK(query, 10, { scan: before });
      expect(index.topK(query, 10, { rescore: 3000 }).exact).toBe(true);
      const left = 2998 - index.topK(query, 0, { rescore: 0, exclude: [5, 6] }).scored; // without the outliers
      expect(index.topK(query, 10, { rescore: left, exclude: [5, 6] }).exact).toBe(true);
      expect(index.topK(query, 10, { rescore: left - 1, exclude: [5, 6] }).exact).toBe(false);
    }
  });

  test("of a batch is that of each query", async () => {
    const index = await opening;
    const options = { scan: 500, rescore: 60, exclude: [7, 8] };
    const batch = Float32Array.from(vectors.queries.flatMap((query) => Array.from(query)));
    expect(index.topK(batch, 10, { ...options, batch: 3 })).toEqual(
      vectors.queries.map((query) => index.topK(query, 10, options)),
    );
  });
});

/** The best scores of all classes that are not excluded. */
function best(index: MultiIndex, query: Float32Array, k: number, { exclude = [], allow }: ConditionOptions) {
  const left = new Set(Array.from(exclude));
  const allowed = allow && "bitmap" in allow ? undefined : allow && new Set(Array.from(allow as ArrayLike<number>));
  const bitmap = allow && "bitmap" in allow ? allow.bitmap : undefined;
  const takesPart = (id: number): boolean =>
    !left.has(id) &&
    (allowed?.has(id) ?? true) &&
    (bitmap === undefined || (((bitmap[id >> 3] as number) >> (id & 7)) & 1) === 1);
  const ids = Int32Array.from({ length: index.info.itemCount }, (_, id) => id).filter(takesPart);
  const scores = index.score(query, ids);
  const entries = Array.from(ids, (id, i) => ({ id, score: scores[i] as number }));
  const top = reference.topPush([], entries, k);
  return [Int32Array.from(top, ({ id }) => id), Float32Array.from(top, ({ score }) => score)];
}

/** The logit in f64, with the magnitude that errors are proportional to. */
function trueLogit(
  { data, bias, shape: [, dim] }: RawVectors,
  metric: "dot" | "cosine",
  query: Float32Array,
  id: number,
): { readonly logit: number; readonly norm: number } {
  const row = data.subarray(id * dim, (id + 1) * dim);
  const dot = row.reduce((sum, value, d) => sum + value * (query[d] as number), 0);
  const norm = Math.hypot(...row) * Math.hypot(...query);
  const own = bias[id] as number;
  return metric === "cosine" ? { logit: dot / norm + own, norm: 1 + Math.abs(own) } : { logit: dot + own, norm };
}
