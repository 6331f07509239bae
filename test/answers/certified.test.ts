import { describe, expect, test, vi } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { type SmallIndex, smallIndexes } from "../fixtures/small-indexes.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { LARGE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { logPartitionInFloat64, widestExact } from "../statistics/float64-partition.ts";
import { randomRows } from "../train/rows.ts";

// A small head, so that small indexes are answered by bounds too, and not only by a full scan.
const SMALL_HEAD = { maxScan: 4 };
const small = await smallIndexes();

/**
 * Clustered rows, where bounds leave many classes out. Some rows occur twice, some are zero, and biases have every
 * size.
 */
const CLUSTERED = await Promise.all(
  [false, true].flatMap((fineCodes) =>
    (["rq", "pq"] as const).flatMap((quantizer) =>
      (["i8", "f16", "f32"] as const).map((rows, n) => clustered(quantizer, rows, n, fineCodes)),
    ),
  ),
);

async function clustered(
  quantizer: "rq" | "pq",
  rows: "i8" | "f16" | "f32",
  n: number,
  fineCodes: boolean,
): Promise<SmallIndex> {
  const [itemCount, dim] = [900, 7];
  const noise = randomRows(itemCount * dim, n);
  const centres = randomRows(40 * dim, n + 50);
  const data = noise.map((value, i) => {
    const id = Math.floor(i / dim);
    if (id % 90 === 0) return 0;
    const twin = id % 30 === 1 ? id - (id % 60) : id;
    return 3 * (centres[(twin % 40) * dim + (i % dim)] as number) + (twin === id ? 0.1 * value : 0);
  });
  const bias = Float32Array.from({ length: itemCount }, (_, id) => (n === 2 ? 0 : (id % 13) / 4 - (id % 7)));
  const file = await buildIndex(
    { data, shape: [itemCount, dim] },
    { quantizer, rowType: rows, bits: 4, bias, seed: n, metric: n === 1 ? "cosine" : "dot", fineCodes },
  );
  const name = `clusters, ${quantizer} ${rows}${fineCodes ? ", fine codes" : ""}`;
  return { name, file, dim, itemCount, queries: [] };
}

/** The queries of each of 80 indexes, 2,500 in all. */
const QUERIES = LARGE ? 1000 : 32;

/** Queries from tiny to huge. The first is zero. */
function queriesFor(dim: number, count: number): Float32Array[] {
  const random = randomRows(count * dim, 77);
  const sizes = [1, 1e-6, 30, 4, 0.2, 1000];
  return Array.from({ length: count }, (_, i) =>
    random.slice(i * dim, (i + 1) * dim).map((value) => (i === 0 ? 0 : value * (sizes[i % sizes.length] as number))),
  );
}

const allIds = (itemCount: number): Int32Array => Int32Array.from({ length: itemCount }, (_, id) => id);

/** Highest score first, then lower id. */
function bruteForce(scores: Float32Array, k: number): number[] {
  const order = Array.from(scores.keys());
  return order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b).slice(0, k);
}

describe("certified top-k", () => {
  test.each([...small, ...CLUSTERED])("is brute force, ties included: $name", async ({ file, dim, itemCount }) => {
    const { index } = await open(file, SMALL_HEAD);
    for (const query of inTurn(queriesFor(dim, QUERIES), 2)) {
      const scores = index.score(query, allIds(itemCount));
      const best = bruteForce(scores, 10);
      for (const k of [1, 3, 10]) {
        const top = index.topK(query, k, { exact: true });
        expect(Array.from(top.ids)).toEqual(best.slice(0, k));
        expect(top.scores).toEqual(Float32Array.from(top.ids, (id) => scores[id] as number));
        expect(top.exact).toBe(true);
      }
    }
  });

  test("is brute force under a filter", async () => {
    for (const { file, dim, itemCount } of CLUSTERED) {
      const { index } = await open(file, SMALL_HEAD);
      for (const query of queriesFor(dim, 12)) {
        const scores = index.score(query, allIds(itemCount));
        const best = bruteForce(scores, 200);
        const exclude = best.filter((_, i) => i % 2 === 0);
        const expected = bruteForce(scores, itemCount).filter((id) => !exclude.includes(id));
        const top = index.topK(query, 10, { exact: true, exclude });
        expect(Array.from(top.ids)).toEqual(expected.slice(0, 10));
        const allow = best.slice(150);
        expect(Array.from(index.topK(query, 10, { exact: true, allow }).ids)).toEqual(allow.slice(0, 10));
      }
    }
  });

  test("is brute force whichever way it takes: by buckets, by fine codes, by a scan of all rows", async () => {
    const taken = { survivors: 0, certifyByCodes: 0, listPositions: 0 };
    const [itemCount, dim] = [1500, 12];
    for (const bits of [2, 6]) {
      const data = randomRows(itemCount * dim, bits);
      const file = await buildIndex({ data, shape: [itemCount, dim] }, { bits, fineCodes: true });
      const { index, opened } = await open(file, SMALL_HEAD);
      for (const query of queriesFor(dim, 60)) {
        const scores = index.score(query, allIds(itemCount));
        for (const k of [1, 10, 64]) {
          const ways = (["survivors", "certifyByCodes", "listPositions"] as const).map(
            (name) => [name, vi.spyOn(opened.kernels, name)] as const,
          );
          expect(Array.from(index.topK(query, k, { exact: true }).ids)).toEqual(bruteForce(scores, k));
          for (const [name, calls] of ways) {
            taken[name] += Math.min(calls.mock.calls.length, 1);
            calls.mockRestore();
          }
        }
      }
    }
    for (const [way, count] of Object.entries(taken)) expect(count, way).toBeGreaterThan(20);
  });

  test("leaves classes out if rows are clustered", async () => {
    for (const { file, dim, itemCount } of [CLUSTERED[0], CLUSTERED[6]] as SmallIndex[]) {
      const { index } = await open(file, SMALL_HEAD);
      const scored = queriesFor(dim, 60).map((query) => index.topK(query, 3, { exact: true }).scored);
      const fewer = scored.filter((count) => count < itemCount / 2);
      expect(fewer.length).toBeGreaterThan(20);
    }
  });
});

describe("the bracket of the log-partition", () => {
  test.each([...small, ...CLUSTERED])("holds log Z, for any head and temperature: $name", async (one) => {
    const { file, dim, itemCount } = one;
    const { index } = await open(file);
    const stored = storedIndex(file);
    for (const query of inTurn(queriesFor(dim, 8), 2)) {
      for (const temperature of [1, 0.3, 5]) {
        const logZ = logPartitionInFloat64(stored, query, temperature);
        for (const scan of [0, 3, itemCount >> 2, itemCount]) {
          const { lower, upper } = index.logPartition(query, { scan, draws: 4, seed: 1, temperature });
          if (itemCount === 0) expect([lower, upper]).toEqual([logZ, logZ]);
          expect(lower).toBeLessThanOrEqual(logZ);
          expect(upper).toBeGreaterThanOrEqual(logZ);
          if (scan === itemCount && itemCount > 0) {
            expect(upper - lower).toBeLessThan(widestExact(stored, query, temperature));
          }
        }
      }
    }
  });

  test("is as narrow as the tolerance requires, and narrows as the head grows", async () => {
    for (const { file, dim, itemCount } of CLUSTERED) {
      const { index } = await open(file);
      const stored = storedIndex(file);
      for (const query of queriesFor(dim, 12)) {
        const widths = [0, 50, 200, 800].map((scan) => {
          const { lower, upper } = index.logPartition(query, { scan, draws: 1, seed: 1 });
          return upper - lower;
        });
        for (const tolerance of [3, 0.5, 0.01, 1e-4]) {
          const answer = index.logPartition(query, { scan: 4, tolerance, seed: 1 });
          // All rows leave a bracket too.
          expect(answer.upper - answer.lower).toBeLessThanOrEqual(Math.max(tolerance, widestExact(stored, query, 1)));
          expect(answer.scored).toBeLessThanOrEqual(4 * itemCount);
        }
        expect(widths.at(-1)).toBeLessThanOrEqual((widths[0] as number) + 1e-9);
      }
    }
  });

  test("takes one head and all rows if no head can meet the tolerance", async () => {
    const data = randomRows(6000 * 16, 9);
    const diffuse = { scan: 64, temperature: 0.2, seed: 1 };
    const { index } = await open(await buildIndex({ data, shape: [6000, 16] }, { seed: 1 }), { maxScan: 6000 });
    const query = randomRows(16, 10);
    const head = index.logPartition(query, diffuse);
    expect(head.upper - head.lower).toBeGreaterThan(2);
    for (const tolerance of [0, 1e-6, 1e-3]) {
      const { scored, upper, lower } = index.logPartition(query, { ...diffuse, tolerance });
      expect(upper - lower).toBeLessThan(0.01);
      expect(scored).toBe(head.scored + 6000);
    }
  });

  test("with an exact answer is the answer, up to rounding", async () => {
    for (const one of CLUSTERED) {
      const { index } = await open(one.file);
      for (const query of queriesFor(one.dim, 6)) {
        const { logPartition, lower, upper } = index.logPartition(query, { exact: true });
        const stored = storedIndex(one.file);
        const width = widestExact(stored, query, 1);
        expect(Math.abs(logPartition - logPartitionInFloat64(stored, query, 1))).toBeLessThan(width);
        expect(upper - lower).toBeLessThan(width);
        expect(lower).toBeLessThanOrEqual(logPartition);
        expect(upper).toBeGreaterThanOrEqual(logPartition);
      }
    }
  });
});
