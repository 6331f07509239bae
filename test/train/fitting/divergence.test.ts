import { describe, expect, test } from "vitest";
import { mean } from "../../../src/train/arithmetic/averages.ts";
import type { Codes } from "../../../src/train/codes/encode.ts";
import { invertLists, moveBehind } from "../../../src/train/codes/inverted-lists.ts";
import { codewordMasses } from "../../../src/train/fitting/codeword-masses.ts";
import { descend } from "../../../src/train/fitting/divergence-descent.ts";
import { planGradients } from "../../../src/train/fitting/divergence-gradient.ts";
import { bestMoves } from "../../../src/train/fitting/moves.ts";
import { groupQueries } from "../../../src/train/fitting/query-groups.ts";
import { placeBuckets } from "../../../src/train/fitting/resident-buckets.ts";
import { validate } from "../../../src/train/fitting/validation.ts";
import type { Quantizer } from "../../../src/train/kmeans/quantizer.ts";
import { runSync } from "../../../src/train/runtime/event-loop.ts";
import { randomRows } from "../rows.ts";
import { enumerate, headOf } from "./enumeration.ts";
import { type Toy, toy } from "./toy.ts";

const CASES = [
  ["rq", 7, 0],
  ["rq", 8, 12],
  ["pq", 7, 0],
  ["pq", 4, 12],
] as const;

const queriesOf = (count: number, dim: number, scale = 3): Float32Array =>
  randomRows(count * dim, 9).map((value) => value * scale);

/** Computes the gradient of Σ KL over the queries, in one group. */
function gradientsOf({ tools, quantizer, codes }: Toy, queries: Float32Array, scan: number) {
  const [group] = runSync(groupQueries(tools, queries));
  if (group === undefined) throw new Error("no queries");
  const arena = tools.arena.nest();
  const own = { ...tools, arena };
  const buckets = placeBuckets(tools.kernels, arena, tools.classes, quantizer.codewordCount, codes);
  const masses = runSync(codewordMasses(own, buckets, group));
  return planGradients(own, buckets, scan)(quantizer, group, masses);
}

describe.each(CASES)("%s, dim %i, scan %i", (kind, dim, scan) => {
  const given = toy(kind, 60, dim, 2);

  test("the judge's KL, χ² and log S′ − log Z are those of enumeration", () => {
    const queries = queriesOf(70, dim);
    const groups = runSync(groupQueries(given.tools, queries));
    const { kl, chiSquare, logTotalError } = runSync(validate(given.tools, groups, given.quantizer, given.codes, scan));
    expect(kl.length).toBe(70);
    for (let q = 0; q < 70; q++) {
      const expected = enumerate(given, queries.subarray(q * dim, (q + 1) * dim), scan);
      expect(Math.abs((kl[q] as number) - expected.kl)).toBeLessThan(1e-5);
      expect(Math.abs((chiSquare[q] as number) / expected.chiSquare - 1)).toBeLessThan(1e-4);
      expect(Math.abs((logTotalError[q] as number) - expected.logTotalError)).toBeLessThan(1e-5);
    }
  });

  test("the gradient is that of central differences, with the head held where it is", () => {
    const queries = queriesOf(5, dim);
    const { gradient1, gradient2 } = gradientsOf(given, queries, scan);
    const each = Array.from({ length: 5 }, (_, q) => queries.subarray(q * dim, (q + 1) * dim));
    const heads = each.map((query) => headOf(given, query, scan));
    const total = (codebook: "codebook1" | "codebook2", i: number, by: number): number => {
      // The difference is taken in f64, because one of f32 codewords would be off by its rounding.
      const moved = Float64Array.from(given.quantizer[codebook]);
      moved[i] = (moved[i] as number) + by;
      const index = { ...given, quantizer: { ...given.quantizer, [codebook]: moved as unknown as Float32Array } };
      return each.reduce((sum, query, q) => sum + enumerate(index, query, scan, heads[q]).kl, 0);
    };
    for (const [codebook, gradient] of [
      ["codebook1", gradient1],
      ["codebook2", gradient2],
    ] as const) {
      let largest = 0;
      for (let i = 0; i < gradient.length; i++) {
        const slope = (total(codebook, i, 1e-4) - total(codebook, i, -1e-4)) / 2e-4;
        expect(Math.abs((gradient[i] as number) - slope), `${codebook}[${i}]`).toBeLessThan(2e-5);
        largest = Math.max(largest, Math.abs(slope));
      }
      expect(largest).toBeGreaterThan(0.05);
    }
  });
});

test("the judge works on logits of ±10³, where masses have no f64", () => {
  const given = toy("rq", 60, 8, 2);
  const queries = queriesOf(9, 8, 2000);
  const groups = runSync(groupQueries(given.tools, queries));
  const { kl, logTotalError } = runSync(validate(given.tools, groups, given.quantizer, given.codes, 0));
  for (let q = 0; q < 9; q++) {
    const expected = enumerate(given, queries.subarray(q * 8, (q + 1) * 8), 0);
    expect(Math.abs(expected.logTotalError)).toBeGreaterThan(100);
    expect(Math.abs((kl[q] as number) / expected.kl - 1)).toBeLessThan(1e-4);
    expect(Math.abs((logTotalError[q] as number) / expected.logTotalError - 1)).toBeLessThan(1e-4);
  }
});

test("a head of all classes leaves nothing to judge and nothing to learn", () => {
  const given = toy("rq", 60, 8, 2);
  const queries = queriesOf(5, 8);
  const groups = runSync(groupQueries(given.tools, queries));
  const { kl, logTotalError } = runSync(validate(given.tools, groups, given.quantizer, given.codes, 60));
  expect(Math.max(...kl.map(Math.abs), ...logTotalError.map(Math.abs))).toBeLessThan(1e-5);
  const { gradient1 } = gradientsOf(given, queries, 60);
  expect(Math.max(...gradient1.map(Math.abs))).toBeLessThan(1e-5);
});

test("outliers are the last bucket, also behind more buckets than a call takes as arguments", () => {
  const [classCount, codewordCount] = [200_000, 512];
  const { tools } = toy("rq", classCount, 1, 2);
  const codes: Codes = {
    codes1: Uint16Array.from({ length: classCount }, (_, id) => Math.floor(id / codewordCount)),
    codes2: Uint16Array.from({ length: classCount }, (_, id) => id % codewordCount),
  };
  const { lists } = moveBehind(invertLists(codes, codewordCount), Int32Array.of(7, 9));
  const placed = placeBuckets(tools.kernels, tools.arena, tools.classes, codewordCount, codes, lists);
  expect(placed).toMatchObject({ bucketCount: classCount - 1, hasOutliers: true });
  expect(placed.logWeights.at(-1)).toBe(Number.NEGATIVE_INFINITY);
  expect(tools.arena.i32(placed.countsPtr, classCount - 1).at(-1)).toBe(0);
});

// Not always: a move is judged with the totals as they are, which it changes.
test("of the classes that bestMoves moves, most would make KL(P‖Q) smaller on their own", () => {
  const given = toy("rq", 60, 8, 2);
  const queries = queriesOf(16, 8);
  const { tools, quantizer, codes } = given;
  const groups = runSync(groupQueries(tools, queries));
  const everywhere = Array.from({ length: 16 }, (_, bucket) => ({
    codes1: new Uint16Array(60).fill(bucket >> 2),
    codes2: new Uint16Array(60).fill(bucket % 4),
  }));
  const moved = runSync(bestMoves(tools, groups, quantizer, [codes, ...everywhere], 0));
  const klOf = (by: Codes): number => {
    const { kl } = runSync(validate(tools, groups, quantizer, by, 0));
    return kl.reduce((sum, value) => sum + value, 0);
  };
  const isElsewhere = (id: number): boolean =>
    moved.codes1[id] !== codes.codes1[id] || moved.codes2[id] !== codes.codes2[id];
  let [better, count] = [0, 0];
  for (let id = 0; id < 60; id++) {
    if (!isElsewhere(id)) continue;
    const one = { codes1: codes.codes1.slice(), codes2: codes.codes2.slice() };
    one.codes1[id] = moved.codes1[id] as number;
    one.codes2[id] = moved.codes2[id] as number;
    count++;
    if (klOf(one) < klOf(codes)) better++;
  }
  expect(count).toBeGreaterThan(30);
  expect(better / count).toBeGreaterThan(0.85);
});

test.each([0, 12])(
  "a descent makes KL(P‖Q) of its queries smaller, with scan %i, and gives the same bits again",
  (scan) => {
    const { tools, quantizer, codes } = toy("rq", 60, 8, 2);
    const groups = runSync(groupQueries(tools, queriesOf(40, 8), 8));
    const klOf = (by: Quantizer): number => mean(runSync(validate(tools, groups, by, codes, scan)).kl);
    const options = { scan, epochs: 10, seed: 1n };
    const learned = runSync(descend(tools, groups, quantizer, codes, options));
    expect(klOf(learned)).toBeLessThan(0.9 * klOf(quantizer));
    expect(runSync(descend(tools, groups, quantizer, codes, options))).toEqual(learned);
    expect(runSync(descend(tools, groups, quantizer, codes, { ...options, seed: 2n }))).not.toEqual(learned);
  },
);
