import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type Open, open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

const DIM = 5;
const ITEM_COUNT = 200;
const CAPS = { maxK: 220, maxDraws: 60, maxBatch: 4 };

const idsTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);
const queryOf = (seed: number): Float32Array => randomRows(DIM, seed);

/** Rows of very different lengths. Some are zero, and some occur twice. */
function rawRows(count: number): Float32Array {
  const rows = randomRows(count * DIM, 1).map((value, i) => value * 2 ** ((Math.floor(i / DIM) % 7) - 3));
  for (let id = 0; id < count; id++) {
    if (id % 20 === 3) rows.fill(0, id * DIM, (id + 1) * DIM);
    if (id % 20 === 5) rows.copyWithin(id * DIM, (id - 1) * DIM, id * DIM);
  }
  return rows;
}

const ROWS = rawRows(ITEM_COUNT);
const BIAS = randomRows(ITEM_COUNT, 2).map((value) => 3 * value);
const buildOf = (options: BuildOptions): Promise<Uint8Array> =>
  buildIndex({ data: ROWS, shape: [ITEM_COUNT, DIM] }, { bits: 3, seed: 4, ...options });

let one: Open;
let index: MultiIndex;
let none: MultiIndex;
beforeAll(async () => {
  one = await open(await buildOf({ bias: BIAS }), CAPS);
  index = one.index;
  none = (await open(await buildIndex({ data: new Float32Array(0), shape: [0, DIM] }))).index;
});

describe("topK over everything", () => {
  const cases = (["f32", "f16", "i8"] as const).flatMap((rows) =>
    (["dot", "cosine"] as const).flatMap((metric) =>
      [undefined, BIAS].map((bias) => ({
        rows,
        metric,
        bias,
        name: `${rows}, ${metric}, ${bias ? "bias" : "no bias"}`,
      })),
    ),
  );

  test.each(cases)("equals brute force over score, ties by lower id: $name", async ({ rows, metric, bias }) => {
    const opened = await open(await buildOf({ rowType: rows, metric, ...(bias && { bias }) }), CAPS);
    for (const seed of [1, 2, 3]) {
      const query = queryOf(seed).map((value) => 10 * value);
      const scores = opened.index.score(query, idsTo(ITEM_COUNT));
      const best = idsTo(ITEM_COUNT).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
      for (const k of [1, 7, 40, ITEM_COUNT]) {
        const top = opened.index.topK(query, k, { scan: ITEM_COUNT });
        expect(Array.from(top.ids)).toEqual(best.slice(0, k));
        expect(top.scores).toEqual(Float32Array.from(top.ids, (id) => scores[id] as number));
        expect(top).toMatchObject({ exact: true, scored: ITEM_COUNT });
      }
    }
  });

  test.each(cases)("scores the vectors it was built from: $name", async ({ rows, metric, bias }) => {
    const opened = await open(await buildOf({ rowType: rows, metric, ...(bias && { bias }) }), CAPS);
    const query = queryOf(4).map((value) => 10 * value);
    const length = (values: Float32Array): number => Math.hypot(...values);
    const scores = opened.index.score(query, idsTo(ITEM_COUNT));
    for (const id of idsTo(ITEM_COUNT)) {
      const row = ROWS.subarray(id * DIM, (id + 1) * DIM);
      const product = row.reduce((sum, value, d) => sum + value * (query[d] as number), 0);
      const size = length(row) * length(query);
      const exact = (metric === "dot" ? product : size > 0 ? product / size : 0) + (bias?.[id] ?? 0);
      // The error of storing a value (2^-24 or 2^-11 of it, or 1/254 of the row's largest), with that of f32 sums and
      // of the 16-bit query.
      const step = { f32: 2 ** -22, f16: 2 ** -11, i8: 1 / 254 + 2 ** -15 }[rows];
      const bound = step * Math.sqrt(DIM) * (metric === "dot" ? size : 1) + 1e-6;
      expect(Math.abs((scores[id] as number) - exact), `class ${id}`).toBeLessThanOrEqual(bound);
    }
  });

  test("for cosine is 0 for zero rows and a zero query, and does not depend on lengths", async () => {
    const cosine = (await open(await buildOf({ metric: "cosine", rowType: "f32" }), CAPS)).index;
    const query = queryOf(5);
    const scores = cosine.score(query, idsTo(ITEM_COUNT));
    expect(scores[3]).toBe(0);
    expect(scores[23]).toBe(0);
    expect(cosine.score(new Float32Array(DIM), idsTo(ITEM_COUNT))).toEqual(new Float32Array(ITEM_COUNT));
    expect(
      cosine.score(
        query.map((value) => 1024 * value),
        idsTo(ITEM_COUNT),
      ),
    ).toEqual(scores);
    expect(Array.from(cosine.topK(new Float32Array(DIM), 3, { scan: ITEM_COUNT }).ids)).toEqual([0, 1, 2]);
  });
});

describe("a call", () => {
  /** Every method that takes a query, with a seed if it draws. */
  const METHODS: Record<
    string,
    (on: MultiIndex, query: Float32Array | number[], batch?: { batch: number }) => unknown
  > = {
    topK: (on, query, batch) => on.topK(query, 5, { scan: 30, ...(batch as { batch: number }) }),
    predict: (on, query, batch) => on.predict(query, 5, { scan: 30, seed: 1, ...(batch as { batch: number }) }),
    logPartition: (on, query, batch) => on.logPartition(query, { scan: 30, seed: 1, ...(batch as { batch: number }) }),
    sample: (on, query, batch) => on.sample(query, 9, { scan: 30, seed: 1, ...(batch as { batch: number }) }),
    score: (on, query, batch) => on.score(query, [0, 7, 199, 7], batch as { batch: number }),
    logQ: (on, query, batch) => on.logQ(query, [0, 7, 199, 7], { scan: 30, ...(batch as { batch: number }) }),
  };
  const each = test.each(Object.entries(METHODS));

  each("%s answers a batch with an array of the single answers", (_, call) => {
    const [a, b, c] = [queryOf(1), queryOf(2), queryOf(3)];
    const flat = Float32Array.of(...c, ...a, ...b, ...a);
    const singles = [c, a, b, a].map((query) => call(index, query));
    expect(call(index, flat, { batch: 4 })).toEqual(singles);
    expect(call(index, a, { batch: 1 })).toEqual([call(index, a)]);
    expect(call(index, new Float32Array(0), { batch: 0 })).toEqual([]);
  });

  each("%s takes plain arrays, doubles and views that start anywhere", (_, call) => {
    const query = queryOf(6);
    const expected = call(index, query);
    const shifted = new Float32Array(DIM + 3);
    shifted.set(query, 3);
    expect(call(index, Array.from(query))).toEqual(expected);
    expect(call(index, Float64Array.from(query) as unknown as number[])).toEqual(expected);
    expect(call(index, shifted.subarray(3))).toEqual(expected);
  });

  each("%s leaves its arguments alone and its answers to the caller", (_, call) => {
    const query = queryOf(7);
    const before = query.slice();
    const answer = call(index, query);
    const copy = structuredClone(answer);
    call(index, queryOf(8));
    expect(answer).toEqual(copy);
    expect(query).toEqual(before);
  });

  test("for more classes than exist gives all, and for none gives none", () => {
    const query = queryOf(1);
    for (const scan of [0, 10, ITEM_COUNT]) {
      const all = index.topK(query, ITEM_COUNT + 1, { scan });
      expect(Array.from(all.ids).sort((a, b) => a - b)).toEqual(idsTo(ITEM_COUNT));
      expect(all).toMatchObject({ exact: true, scored: ITEM_COUNT });
      expect(index.topK(query, 0, { scan }).ids).toEqual(new Int32Array(0));
      expect(index.predict(query, 0, { scan }).probabilities).toEqual(new Float64Array(0));
      expect(index.topK(query, 17, { scan }).ids.length).toBe(17);
    }
    expect(index.sample(query, 0).ids).toEqual(new Int32Array(0));
    expect(index.score(query, [])).toEqual(new Float32Array(0));
    expect(index.logQ(query, [])).toEqual(new Float32Array(0));
  });

  test("of an empty index gives an empty answer", () => {
    const query = queryOf(1);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0) };
    const certain = { standardError: 0, logPartition: Number.NEGATIVE_INFINITY, lowEss: false };
    expect(none.topK(query, 3)).toEqual({ ...empty, exact: true, scored: 0 });
    expect(none.predict(query, 3)).toMatchObject({ ...empty, ...certain, probabilities: new Float64Array(0) });
    expect(none.logPartition(query)).toMatchObject(certain);
    expect(none.sample(query, 3)).toMatchObject({ ...empty, logQ: new Float32Array(0), scored: 0 });
    expect(none.topK(Float32Array.of(...query, ...query), 3, { batch: 2 })).toHaveLength(2);
    expect(none.score(query, [])).toEqual(new Float32Array(0));
    expect(() => none.score(query, [0])).toThrow('"ids"[0] expected no id, as the index is empty, got 0');
  });

  test("scores more ids than the draw buffers hold, repeated ones too", () => {
    const ids = Array.from({ length: 5000 }, (_, i) => (i * 31) % ITEM_COUNT);
    const query = queryOf(2);
    const scores = index.score(query, idsTo(ITEM_COUNT));
    const logQ = index.logQ(query, idsTo(ITEM_COUNT), { scan: 50 });
    expect(index.score(query, ids)).toEqual(Float32Array.from(ids, (id) => scores[id] as number));
    expect(index.logQ(query, Uint16Array.from(ids), { scan: 50 })).toEqual(
      Float32Array.from(ids, (id) => logQ[id] as number),
    );
    // Classes of one bucket that follow one another share what they have in common.
    const alone = idsTo(ITEM_COUNT).map((id) => index.logQ(query, [id], { scan: 50 })[0] as number);
    expect(logQ).toEqual(Float32Array.from(alone));
    const byLogQ = idsTo(ITEM_COUNT).sort((a, b) => (logQ[a] as number) - (logQ[b] as number));
    expect(index.logQ(query, byLogQ, { scan: 50 })).toEqual(Float32Array.from(byLogQ, (id) => logQ[id] as number));
  });

  test("reports the effective sample size by the weights of draws, and all draws if they are exact", () => {
    const query = queryOf(3);
    for (const options of [{ scan: 0 }, { scan: 30, temperature: 2 }]) {
      const { scores, logQ, effectiveSampleSize } = index.sample(query, 40, { seed: 2, ...options });
      const weights = Array.from(scores, (score, i) =>
        Math.exp(score / (options.temperature ?? 1) - (logQ[i] as number)),
      );
      const [sum, squares] = [1, 2].map((power) => weights.reduce((total, w) => total + w ** power, 0)) as [
        number,
        number,
      ];
      expect(effectiveSampleSize / (sum ** 2 / squares)).toBeCloseTo(1, 8);
      expect(effectiveSampleSize).toBeLessThan(40);
    }
    expect(index.sample(query, 40, { exact: true }).effectiveSampleSize).toBe(40);
  });

  test("without a seed draws a new one each time and returns it", () => {
    const query = queryOf(3);
    const [a, b] = [index.sample(query, 50), index.sample(query, 50)];
    expect(a.seed).not.toBe(b.seed);
    expect(index.sample(query, 50, { seed: a.seed })).toEqual(a);
    const estimate = index.predict(query, 3);
    expect(index.predict(query, 3, { seed: estimate.seed })).toEqual(estimate);
  });

  test("takes seeds modulo 2^64", () => {
    const query = queryOf(3);
    const idsFor = (seed: number | bigint) => index.sample(query, 50, { seed }).ids;
    expect(idsFor(2n ** 64n + 1n)).toEqual(idsFor(1));
    expect(idsFor(-1)).toEqual(idsFor(2n ** 64n - 1n));
    expect(idsFor(2 ** 64)).toEqual(idsFor(0));
    expect(index.sample(query, 1, { seed: -3 }).seed).toBe(2n ** 64n - 3n);
    expect(index.sample(query, 1, { seed: 2 ** 53 }).seed).toBe(2n ** 53n);
    const different = [0, 1, 2 ** 32, 2 ** 53, 2n ** 63n].map((seed) => String(idsFor(seed)));
    expect(new Set(different).size).toBe(different.length);
  });

  test("without options works under caps below the defaults", async () => {
    const small = (await open(await buildOf({ bias: BIAS }), { maxScan: 50, maxDraws: 20 })).index;
    const query = queryOf(1);
    expect(small.topK(query, 3)).toEqual(small.topK(query, 3, { scan: 50 }));
    const { choice, ...answer } = small.logPartition(query, { seed: 1 }); // so few rows are read at once
    expect(choice).toMatchObject({ exact: true, draws: 0 });
    expect(answer).toEqual(small.logPartition(query, { exact: true, seed: 1 }));
  });
});

describe("a disposed index", () => {
  test("throws, and keeps none of its memory alive", async () => {
    const { index: gone } = await open(await buildOf({}));
    gone.dispose();
    gone.dispose();
    const query = queryOf(1);
    for (const call of [
      () => gone.topK(query, 1),
      () => gone.predict(query, 1),
      () => gone.logPartition(query),
      () => gone.sample(query, 1),
      () => gone.score(query, [0]),
      () => gone.logQ(query, [0]),
    ]) {
      expect(call).toThrow("the index has been disposed of");
    }
    expect(gone.info.itemCount).toBe(ITEM_COUNT);
    expect(memoriesIn(gone)).toEqual([]);
  });

  /** All WebAssembly memories that an object keeps alive. */
  function memoriesIn(root: object): unknown[] {
    const seen = new Set<unknown>();
    const found: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null || seen.has(value)) return;
      seen.add(value);
      const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
      if (buffer instanceof WebAssembly.Memory || buffer instanceof WebAssembly.Instance) found.push(value);
      else if (!(buffer instanceof ArrayBuffer)) for (const inner of Object.values(value)) visit(inner);
      else if (buffer.byteLength > 0) found.push(value);
    };
    visit(root);
    return found;
  }

  test("does not concern another index of the same file", async () => {
    const file = await buildOf({});
    const [a, b] = [(await open(file)).index, (await open(file)).index];
    const before = b.topK(queryOf(1), 3);
    a.dispose();
    expect(b.topK(queryOf(1), 3)).toEqual(before);
  });
});

describe("memory", () => {
  test("is that of info, to the page, and 10,000 mixed queries do not change it", () => {
    const { kernels, plan } = one.opened;
    const bytes = kernels.memory.buffer.byteLength;
    expect(index.info.memoryBytes).toBe(bytes);
    expect(bytes).toBe(Math.ceil(plan.totalBytes / 65536) * 65536);
    for (let i = 0; i < 10_000; i++) {
      const query = queryOf(i % 50).map((value) => value * (i % 9));
      const scan = i % 101;
      if (i % 5 === 0) index.topK(query, i % 221, { scan });
      else if (i % 5 === 1) index.predict(query, 10, { scan, draws: i % 61 });
      else if (i % 5 === 2) index.sample(query, i % 61, { scan });
      else if (i % 5 === 3) index.logQ(query, [i % ITEM_COUNT], { scan });
      else index.score(query, [i % ITEM_COUNT]);
    }
    expect(kernels.memory.buffer.byteLength).toBe(bytes);
  });

  test("is not written outside the plan", () => {
    const { kernels, plan } = one.opened;
    const behind = new Uint8Array(kernels.memory.buffer, plan.totalBytes);
    behind.fill(0xa5);
    const file = new Uint8Array(kernels.memory.buffer, plan.file, index.info.fileBytes);
    const before = file.slice();
    for (const seed of idsTo(20)) {
      index.predict(queryOf(seed), CAPS.maxK, { scan: ITEM_COUNT, draws: CAPS.maxDraws });
      index.sample(queryOf(seed), CAPS.maxDraws, { scan: ITEM_COUNT });
    }
    expect(behind.every((byte) => byte === 0xa5)).toBe(true);
    expect(file).toEqual(before);
  });
});
