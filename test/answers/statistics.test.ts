import { describe, expect, test } from "vitest";
import { PURPOSE_SAMPLE, PURPOSE_TAIL } from "../../src/abi.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { headOf, type Open, open, tiltPathOf } from "../fixtures/open.ts";
import { halfOfSmallIndexes, type SmallIndex, smallIndexes } from "../fixtures/small-indexes.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { reference } from "../reference/index.ts";
import { LARGE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { enumerate, logSumExp, proposal, TILT_STEP } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";

const indexes = await halfOfSmallIndexes(0);
const idsOf = ({ itemCount }: { itemCount: number }): number[] => Array.from({ length: itemCount }, (_, id) => id);
const scansOf = ({ itemCount }: SmallIndex): number[] => [0, 1, 7, itemCount >> 1, itemCount];

test("there are enough small indexes, some of them without classes, some with empty buckets", async () => {
  const indexes = await smallIndexes();
  expect(indexes.length).toBeGreaterThanOrEqual(40);
  expect(indexes.filter(({ itemCount }) => itemCount === 0).length).toBeGreaterThan(0);
  const sparse = indexes.filter(({ file }) => {
    const { codebook1, buckets } = storedIndex(file);
    return buckets.length > 0 && buckets.length < codebook1.length ** 2;
  });
  expect(sparse.length).toBeGreaterThan(20);
});

describe.each(indexes)("$name", (small) => {
  test("log Q is that of enumerating all classes in f64, and Q sums to 1", async () => {
    const stored = storedIndex(small.file);
    const one = await open(small.file);
    for (const query of small.queries) {
      for (const scan of inTurn(scansOf(small), 2, `${query}`)) {
        const logQ = one.index.logQ(query, idsOf(small), { scan });
        const head = headOf(one);
        const e = enumerate(stored, query, { tilts: tiltPathOf(one) });
        const expected = proposal(e, head).logQ;
        const largestScore = head.size > 0 ? Math.max(...e.scores.map(Math.abs)) : 0;
        const tolerance = 1e-5 + TILT_STEP + 2 ** -21 * Math.max(e.magnitude, largestScore);
        const worst = logQ.reduce((max, value, id) => Math.max(max, Math.abs(value - (expected[id] as number))), 0);
        expect(worst, `scan ${scan}`).toBeLessThanOrEqual(tolerance);
        if (small.itemCount > 0) expect(Math.abs(Math.exp(logSumExp(logQ)) - 1)).toBeLessThanOrEqual(1e-5);
      }
    }
  });

  test("the head holds the outliers and the buckets with the most mass per class that fit the budget", async () => {
    const stored = storedIndex(small.file);
    const one = await open(small.file);
    const outliers = stored.outliers.length;
    const sizeOf = (b: number): number => (stored.buckets[b]?.end ?? 0) - (stored.buckets[b]?.begin ?? 0);
    for (const query of small.queries) {
      for (const scan of inTurn(scansOf(small), 2, `${query}`)) {
        const { scored } = one.index.sample(query, 0, { scan });
        const head = headOf(one);
        const { bucketLogMasses } = enumerate(stored, query, { tilts: tiltPathOf(one) });
        const keyOf = (b: number): number => (bucketLogMasses[b] as number) - Math.log(sizeOf(b));
        const others = [...bucketLogMasses.keys()].filter((b) => !head.has(b));
        const inBuckets = [...head].reduce((sum, b) => sum + sizeOf(b), 0);
        const budget = scan - Math.min(outliers, scan >> 2);
        expect(scored).toBe(outliers + inBuckets);
        expect(inBuckets).toBeLessThanOrEqual(budget);
        const least = Math.min(...[...head].map(keyOf));
        const best = Math.max(...others.map(keyOf));
        expect(least - best, `scan ${scan}`).toBeGreaterThan(-1e-4); // keys are f32: neighbours may change places
        const next = others.filter((b) => keyOf(b) > best - 1e-4);
        if (next.length > 0) expect(inBuckets + Math.max(...next.map(sizeOf))).toBeGreaterThan(budget);
      }
    }
  });

  test("draws have the bits that score and logQ give for their ids", async () => {
    const { index } = await open(small.file);
    for (const query of small.queries) {
      for (const scan of scansOf(small)) {
        const { ids, scores, logQ } = index.sample(query, 50, { scan, seed: 3 });
        expect(ids.length).toBe(small.itemCount > 0 ? 50 : 0);
        expect(scores).toEqual(index.score(query, ids));
        expect(logQ).toEqual(index.logQ(query, ids, { scan }));
      }
    }
  });
});

/** Indexes with enough classes to test a distribution, with and without bias. */
const CROWDED = indexes.filter(({ itemCount }) => itemCount >= 30);

test.each(CROWDED)("log Q is right for logits of thousands: $name", async (small) => {
  const stored = storedIndex(small.file);
  const one = await open(small.file);
  for (const query of small.queries.map((values) => values.map((value) => 300 * value))) {
    for (const scan of inTurn(scansOf(small), 3, `${query}`)) {
      const logQ = one.index.logQ(query, idsOf(small), { scan });
      const e = enumerate(stored, query, { tilts: tiltPathOf(one) });
      const expected = proposal(e, headOf(one)).logQ;
      const largest = Math.max(e.magnitude, ...e.scores.map(Math.abs));
      const worst = logQ.reduce((max, value, id) => Math.max(max, Math.abs(value - (expected[id] as number))), 0);
      expect(worst, `scan ${scan}`).toBeLessThanOrEqual(1e-5 + 2 ** -21 * largest);
      expect(one.index.sample(query, 64, { scan, seed: 1 }).logQ.every((value) => value < 1e-2)).toBe(true);
    }
  }
});

describe("independent draws", () => {
  test.each(CROWDED)("follow Q: $name", async (small) => {
    const stored = storedIndex(small.file);
    const one = await open(small.file, { maxDraws: 1 << 16 });
    const query = small.queries[1] as Float32Array;
    for (const scan of inTurn([0, small.itemCount >> 2], LARGE ? 1 : 2)) {
      const counts = new Float64Array(small.itemCount);
      for (const seed of LARGE ? [1, 2] : [1]) {
        const { ids } = one.index.sample(query, 1 << 16, { scan, seed });
        for (const id of ids) (counts[id] as number)++;
      }
      const { logQ } = proposal(enumerate(stored, query, { tilts: tiltPathOf(one) }), headOf(one));
      expectFit(counts, logQ.map(Math.exp));
    }
  });

  test("have the requested number, and each is independent of the one before", async () => {
    const small = indexes.find(({ itemCount, name }) => itemCount === 8 && name.includes("no bias")) as SmallIndex;
    const one = await open(small.file, { maxDraws: 1 << 16 });
    const query = small.queries[0] as Float32Array;
    const { ids } = one.index.sample(query, 1 << 16, { scan: 3, seed: 5 });
    const q = proposal(enumerate(storedIndex(small.file), query), headOf(one)).logQ.map(Math.exp);
    expectPairsFit(
      q,
      ids.filter((_, j) => j % 2 === 0),
      ids.filter((_, j) => j % 2 === 1),
    );
  });

  test("average e^(score − logQ) to Z", async () => {
    for (const small of CROWDED) {
      const { index } = await open(small.file, { maxDraws: 1 << 14 });
      const query = small.queries[0] as Float32Array;
      const logZ = logSumExp(enumerate(storedIndex(small.file), query).scores);
      for (const scan of [0, small.itemCount >> 2]) {
        const { scores, logQ } = index.sample(query, 1 << 14, { scan, seed: 7 });
        expectMean(
          scores.map((score, j) => Math.exp(score - (logQ[j] as number) - logZ)),
          1,
        );
      }
    }
  });
});

describe("stratified draws", () => {
  test.each(CROWDED)("of the tail hit a bucket of mass q within 2 of n·q times: $name", async (small) => {
    const { index, opened } = await open(small.file, { maxDraws: 1000 });
    const query = small.queries[1] as Float32Array;
    const { kernels, plan } = opened;
    for (const scan of [0, small.itemCount >> 2]) {
      index.logPartition(query, { scan, draws: 1000, seed: 9 });
      const head = headOf({ index, opened });
      const { buckets } = storedIndex(small.file);
      const { bucketLogMasses } = enumerate(storedIndex(small.file), query);
      const logTail = logSumExp(bucketLogMasses.filter((_, b) => !head.has(b)));
      const positions = new Int32Array(kernels.memory.buffer, plan.regions.drawPositions, 1000);
      for (const [b, { begin, end }] of buckets.entries()) {
        const count = positions.filter((position) => position >= begin && position < end).length;
        const expected = head.has(b) ? 0 : 1000 * Math.exp((bucketLogMasses[b] as number) - logTail);
        expect(Math.abs(count - expected), `bucket ${b}`).toBeLessThan(2 + 1e-2);
      }
    }
  });

  test.each(CROWDED)("at the middle of their strata hit it within 1: $name", async (small) => {
    const { index, opened } = await open(small.file);
    const { kernels, plan } = opened;
    const query = small.queries[1] as Float32Array;
    index.logQ(query, [], { scan: 0 });
    const prefix = new Float64Array(kernels.memory.buffer, plan.regions.groupPrefix, index.info.codewordCount + 1);
    const slotBuckets = new Int32Array(kernels.memory.buffer, plan.regions.slotBuckets);
    const counts = new Float64Array(index.info.bucketCount);
    const n = 10_000;
    for (let j = 0; j < n; j++) {
      const target = ((j + 0.5) / n) * (prefix.at(-1) as number);
      const group = prefix.findLastIndex((before, k) => before <= target && k < index.info.codewordCount);
      const bucket = slotBuckets[kernels.slotIn(plan.layout, group, target)] as number;
      (counts[bucket] as number)++;
    }
    const { bucketLogMasses } = enumerate(storedIndex(small.file), query);
    const logTotal = logSumExp(bucketLogMasses);
    for (const [b, count] of counts.entries()) {
      const expected = n * Math.exp((bucketLogMasses[b] as number) - logTotal);
      expect(Math.abs(count - expected), `bucket ${b}`).toBeLessThanOrEqual(1 + 1e-2);
    }
  });
});

describe("random numbers", () => {
  /** Four words of the draw made last. */
  const lastRandom = ({ opened: { kernels, plan } }: Open): Uint32Array =>
    new Uint32Array(kernels.memory.buffer, plan.regions.random, 4).slice();

  const words = (value: bigint): [number, number] => [Number(value & 0xffffffffn), Number(value >> 32n)];

  test("are Philox of the seed and of the query's bits, the purpose and the draw", async () => {
    expect(PURPOSE_TAIL).not.toBe(PURPOSE_SAMPLE);
    const small = CROWDED[0] as SmallIndex;
    const one = await open(small.file);
    for (const [i, query] of small.queries.entries()) {
      const seed = [0n, 1n, 2n ** 64n - 1n][i] as bigint;
      const hash = words(reference.xxh64(new Uint8Array(query.buffer, query.byteOffset, query.byteLength), 0n));
      const key = Uint32Array.from(words(seed));
      one.index.logPartition(query, { scan: 0, draws: 5, seed });
      expect(lastRandom(one)).toEqual(reference.philox(key, Uint32Array.of(...hash, PURPOSE_TAIL, 4)));
      one.index.sample(query, 7, { scan: 0, seed });
      expect(lastRandom(one)).toEqual(reference.philox(key, Uint32Array.of(...hash, PURPOSE_SAMPLE, 6)));
    }
  });

  test("of two queries are independent even if both have the same Q, and so are those of two seeds", async () => {
    const flat = randomRows(8 * 3, 1).map((value, i) => (i % 3 === 2 ? 0 : value)); // the last value is of no account
    const file = await buildIndex({ data: flat, shape: [8, 3] }, { rowType: "f32", bits: 2 });
    const one = await open(file, { maxDraws: 1 << 16 });
    const draw = (last: number, seed: number) => one.index.sample([1, -1, last], 1 << 16, { scan: 3, seed });
    const first = draw(0, 1);
    const q = proposal(enumerate(storedIndex(file), [1, -1, 0]), headOf(one)).logQ.map(Math.exp);
    expectPairsFit(q, first.ids, draw(1, 1).ids);
    expectPairsFit(q, first.ids, draw(0, 2).ids);
    expectPairsFit(q, first.ids, draw(0, 2 ** 32 + 1).ids);
  });

  test("do not depend on the number of draws, nor on the neighbours in a batch", async () => {
    const small = CROWDED.at(-1) as SmallIndex;
    const { index } = await open(small.file);
    const [a, b, c] = small.queries as [Float32Array, Float32Array, Float32Array];
    const options = { scan: 20, seed: 11 };
    const many = index.sample(a, 60, options);
    expect(index.sample(a, 25, options).ids).toEqual(many.ids.slice(0, 25));
    for (const order of [
      [a, b, c],
      [c, a, b],
      [b, a, a],
    ]) {
      const flat = Float32Array.from(order.flatMap((query) => [...query]));
      expect(index.sample(flat, 60, { ...options, batch: order.length })).toEqual(
        order.map((query) => index.sample(query, 60, options)),
      );
      expect(index.logPartition(flat, { ...options, batch: order.length })).toEqual(
        order.map((query) => index.logPartition(query, options)),
      );
      expect(index.predict(flat, 5, { ...options, batch: order.length })).toEqual(
        order.map((query) => index.predict(query, 5, options)),
      );
    }
  });
});

function expectFit(counts: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  const { g, low, high } = goodnessOfFit(counts, probabilities);
  expect(g).toBeLessThanOrEqual(high);
  expect(g).toBeGreaterThanOrEqual(low);
}

/** Pairs (a_j, b_j) are as likely as the product of their probabilities. */
function expectPairsFit(q: Float64Array, a: Int32Array, b: Int32Array): void {
  const counts = new Float64Array(q.length ** 2);
  for (const [j, id] of a.entries()) (counts[id * q.length + (b[j] as number)] as number)++;
  expectFit(
    counts,
    counts.map((_, cell) => (q[Math.floor(cell / q.length)] as number) * (q[cell % q.length] as number)),
  );
}

/** |mean − expected| is within 5 standard errors, plus what f32 costs. */
function expectMean(values: ArrayLike<number>, expected: number): void {
  const { length } = values;
  const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / length;
  const variance = Array.from(values).reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
  expect(Math.abs(mean - expected)).toBeLessThanOrEqual(5 * Math.sqrt(variance / length) + 1e-5);
}
