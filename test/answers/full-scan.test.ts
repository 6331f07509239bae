import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { type SmallIndex, smallIndexes } from "../fixtures/small-indexes.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";

/** Three blocks of the scan. The last one is short and not a whole number of vectors. */
const ITEM_COUNT = 2 * 1024 + 333;
const DIM = 6;

let small: SmallIndex[];
let index: MultiIndex;
const query = randomRows(DIM, 5).map((value) => 3 * value);

beforeAll(async () => {
  small = await smallIndexes();
  const bias = randomRows(ITEM_COUNT, 2);
  const data = randomRows(ITEM_COUNT * DIM, 1);
  index = (await open(await buildIndex({ data, shape: [ITEM_COUNT, DIM] }, { bias }))).index;
});

const allIds = (itemCount: number): Int32Array => Int32Array.from({ length: itemCount }, (_, id) => id);

/** Highest score first, then lower id. */
function bruteForce(scores: Float32Array, k: number): number[] {
  const order = Array.from(scores.keys());
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  return order.slice(0, k);
}

describe("exact", () => {
  test("top-k is brute force over the stored rows, with its ties, on every small index", async () => {
    for (const { name, file, itemCount, queries } of small) {
      const { index } = await open(file);
      for (const query of queries) {
        const scores = index.score(query, allIds(itemCount));
        const { ids, scores: found, exact, scored } = index.topK(query, 10, { exact: true });
        expect(Array.from(ids), name).toEqual(bruteForce(scores, 10));
        expect(found, name).toEqual(Float32Array.from(ids, (id) => scores[id] as number));
        expect({ exact, scored }, name).toEqual({ exact: true, scored: itemCount });
      }
    }
  });

  test("the log-partition is that of all rows, without error, on every small index and over several blocks", async () => {
    for (const { name, file, itemCount, queries } of small) {
      const { index } = await open(file);
      for (const query of queries) {
        const exact = logSumExp(index.score(query, allIds(itemCount)));
        const answer = index.logPartition(query, { exact: true });
        if (itemCount === 0) expect(answer.logPartition).toBe(Number.NEGATIVE_INFINITY);
        // The rounding of scores in e^x and of sums of at most 1,024 lanes.
        else expect(Math.abs(answer.logPartition - exact), name).toBeLessThan(1e-5);
        expect(answer).toMatchObject({
          standardError: 0,
          effectiveSampleSize: 100,
          headShare: 1,
          lowEss: false,
          scored: itemCount,
        });
      }
    }
    const exact = logSumExp(index.score(query, allIds(ITEM_COUNT)));
    expect(Math.abs(index.logPartition(query, { exact: true }).logPartition - exact)).toBeLessThan(1e-5);
  });

  test("top-k and probabilities hold over several blocks", () => {
    const scores = index.score(query, allIds(ITEM_COUNT));
    const { ids, probabilities } = index.predict(query, 20, { exact: true });
    expect(Array.from(ids)).toEqual(bruteForce(scores, 20));
    const logZ = logSumExp(scores);
    for (const [i, id] of ids.entries()) {
      expect((probabilities[i] as number) / Math.exp((scores[id] as number) - logZ)).toBeCloseTo(1, 5);
    }
  });

  test("draws follow the softmax and carry the scores of their classes", () => {
    const scores = index.score(query, allIds(ITEM_COUNT));
    const logZ = logSumExp(scores);
    const counts = new Float64Array(ITEM_COUNT);
    let others = 0;
    for (let seed = 0; seed < 200; seed++) {
      const draws = index.sample(query, 1000, { exact: true, seed });
      for (const [j, id] of draws.ids.entries()) {
        counts[id] = (counts[id] as number) + 1;
        if (draws.scores[j] !== scores[id]) others++;
      }
    }
    expect(others, "scores that are not those of the class").toBe(0);
    const { g, low, high } = goodnessOfFit(
      counts,
      Array.from(scores, (score) => Math.exp(score - logZ)),
    );
    expect(g).toBeGreaterThan(low);
    expect(g).toBeLessThan(high);
  });

  test("draws are those of the seed, alone and in a batch, and leave other answers as they are", () => {
    const other = randomRows(DIM, 9);
    const both = Float32Array.of(...other, ...query);
    const sampled = index.sample(query, 5, { seed: 3 });
    const single = index.sample(query, 5, { exact: true, seed: 3 });
    expect(index.sample(both, 5, { exact: true, seed: 3, batch: 2 })[1]).toEqual(single);
    expect(index.sample(query, 5, { exact: true, seed: 4 }).ids).not.toEqual(single.ids);
    expect(index.sample(query, 5, { seed: 3 })).toEqual(sampled);
  });

  test("must be a boolean", () => {
    expect(() => index.topK(query, 1, { exact: 1 as unknown as boolean })).toThrow(
      '"exact" expected true or false, got 1',
    );
  });
});
