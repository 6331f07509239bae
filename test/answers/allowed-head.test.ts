import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { logPartitionInFloat64 } from "../statistics/float64-partition.ts";

// Where `allow` leaves few classes, they are all scored, and every answer is that of brute force over them.

const N = 900;
const vectors = rawVectors(N, 6, 4);
const [query] = vectors.queries as [Float32Array];
const SOME = Array.from({ length: 45 }, (_, i) => (i * 37 + 11) % N);
const everySeventh = new Uint8Array(Math.ceil(N / 8));
for (let id = 0; id < N; id += 7) (everySeventh[id >> 3] as number) |= 1 << (id & 7);

/** The conditions, and the classes that they leave. */
const CONDITIONS: Record<string, readonly [options: ConditionOptions, left: number[]]> = {
  "a list": [{ allow: SOME }, SOME],
  "a list with duplicates, T = .4": [{ allow: [...SOME, ...SOME], temperature: 0.4 }, SOME],
  "a list but for some": [{ allow: SOME, exclude: [...SOME.slice(0, 9), 3] }, SOME.slice(9)],
  "a bitmap, T = 3": [
    { allow: { bitmap: everySeventh }, temperature: 3 },
    Array.from({ length: Math.ceil(N / 7) }, (_, i) => 7 * i),
  ],
  "one class": [{ allow: [N - 1] }, [N - 1]],
};

const BUILDS = (["i8", "f16", "f32"] as const).flatMap((rowType) => [
  { rowType, fineCodes: true } as const,
  { rowType, metric: "cosine", bits: 3 } as const,
]);

describe.each(BUILDS)("%o", (options) => {
  const opening = (async () => {
    const file = await build(vectors, { bias: vectors.bias, seed: 1, calibrate: "off", ...options });
    return { file, index: (await open(file)).index };
  })();

  test.each(Object.entries(CONDITIONS))("answers are those of brute force: %s", async (_, [conditions, left]) => {
    const { file, index } = await opening;
    const { temperature = 1 } = conditions;
    const { length: n } = left;
    const scores = index.score(query, left);
    const logits = Array.from(scores, (score) => score / temperature);
    const logZ = logSumExp(logits);
    const order = [...left.keys()].sort(
      (a, b) => (logits[b] as number) - (logits[a] as number) || (left[a] as number) - (left[b] as number),
    );
    const best = Int32Array.from(order.slice(0, 5), (i) => left[i] as number);
    const tolerance = 2e-5;

    for (const effort of [{}, { scan: 0 }, { exact: true }]) {
      const top = index.topK(query, 5, { ...conditions, ...effort });
      expect(top).toEqual({ ids: best, scores: index.score(query, best), exact: true, scored: n });
    }
    for (const effort of [{}, { scan: 0, draws: 0 }, { exact: true }, { scan: "auto", targetError: 0.5 }] as const) {
      const given = { ...conditions, ...effort, seed: 1 };
      const predicted = index.predict(query, 5, given);
      expect(predicted.ids).toEqual(best);
      expect(Math.abs(predicted.logPartition - logZ)).toBeLessThan(tolerance);
      expect(predicted).toMatchObject({ exact: true, scored: n, standardError: 0, headShare: 1, lowEss: false });
      if ("targetError" in effort) expect(predicted.choice).toMatchObject({ scan: n, draws: 0, exact: true });
      const { logPartition, lower, upper, scored } = index.logPartition(query, given);
      const inFloat64 = logPartitionInFloat64(storedIndex(file), query, temperature, (id) => left.includes(id));
      expect(lower).toBeLessThanOrEqual(inFloat64);
      expect(upper).toBeGreaterThanOrEqual(inFloat64);
      expect(Math.abs(logPartition - logZ)).toBeLessThan(tolerance);
      expect(scored).toBe(n);
      const { logProbabilities } = index.logProbability(query, left, given);
      expect(Math.abs(logSumExp([...logProbabilities]))).toBeLessThan(tolerance);
    }

    const all = Array.from({ length: N }, (_, id) => id);
    const logQ = index.logQ(query, all, conditions);
    for (const id of all) if (!left.includes(id)) expect(logQ[id]).toBe(Number.NEGATIVE_INFINITY);
    for (const [i, id] of left.entries())
      expect(Math.abs((logQ[id] as number) - ((logits[i] as number) - logZ))).toBeLessThan(tolerance);
    const sample = index.sample(query, 60, { ...conditions, seed: 2 });
    expect(sample.logQ).toEqual(index.logQ(query, sample.ids, conditions));
    expect(sample.effectiveSampleSize).toBeCloseTo(60, 3);
    const exactly = index.sample(query, 60, { ...conditions, exact: true, seed: 2 });
    expect(exactly.ids).toEqual(sample.ids);
    expect(exactly).not.toHaveProperty("logQ");
    const distinct = index.sampleTopK(query, 64, { ...conditions, seed: 3 });
    expect(distinct).toEqual(index.sampleTopK(query, 64, { ...conditions, exact: true, seed: 3 }));
    expect(distinct.exact).toBe(true);
    if (n <= 64) expect([...distinct.ids].sort()).toEqual([...left].sort());
  });
});

test("a head that is too small for the classes leaves a tail", async () => {
  const { index } = await open(await build(vectors, { seed: 1, calibrate: "off" }), { maxScan: 20 });
  const shareOf = (count: number) =>
    index.predict(query, 1, { allow: SOME.slice(0, count), scan: 0, seed: 1 }).headShare;
  expect(shareOf(20)).toBe(1);
  expect(shareOf(21)).toBeLessThan(1);
});
