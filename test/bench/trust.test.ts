import { expect, test } from "vitest";
import type { Cell } from "../../bench/trust/grid.ts";
import { judge } from "../../bench/trust/judge.ts";
import { normalTail } from "../../bench/trust/normal-tail.ts";
import type { BuildResult, HeadResult } from "../../bench/trust/result.ts";
import { startRandom } from "../../bench/trust/synthetic.ts";
import { clustered, Tally } from "../../bench/trust/tally.ts";
import { largestOf, logitsOf, truthOf } from "../../bench/trust/truth.ts";

// The benchmark that judges error bars must see what it is meant to see.

test("the truth is log Σ e^(logit / T) in f64, with the largest logits", () => {
  const classes = { itemCount: 3, dim: 2, rows: Float32Array.of(1, 0, 0, 2, -1, 1), bias: [0.5, 0, 0] };
  const logits = logitsOf(classes, [3, 1]);
  expect([...logits]).toEqual([3.5, 2, -2]);
  const { logPartition, best } = truthOf(logits, [1, 2], 2);
  expect(logPartition.get(1)).toBeCloseTo(Math.log(Math.exp(3.5) + Math.exp(2) + Math.exp(-2)), 14);
  expect(logPartition.get(2)).toBeCloseTo(Math.log(Math.exp(1.75) + Math.exp(1) + Math.exp(-1)), 14);
  expect([...best]).toEqual([3.5, 2]);
});

test("the largest values are those of a sort, whatever their order", () => {
  const { normal } = startRandom(1);
  const rising = Float64Array.from({ length: 90_000 }, (_, i) => i);
  const random = Float64Array.from({ length: 90_000 }, normal);
  const spikes = Float64Array.from({ length: 90_000 }, (_, i) => (i % 4 === 0 ? i : 0));
  for (const values of [rising, random, spikes, new Float64Array(90_000), random.subarray(0, 50)]) {
    const sorted = values.toSorted().reverse();
    for (const count of [1, 100, 1024]) expect(largestOf(values, count)).toEqual(sorted.subarray(0, count));
  }
});

test("the tail of the normal distribution", () => {
  const known = [
    [-1, 0.841344746068543],
    [0, 0.5],
    [1.96, 0.0249978951482204],
    [3.090232306167814, 0.001],
    [5, 2.86651571879194e-7],
    [8, 6.22096057427178e-16],
  ] as const;
  for (const [z, tail] of known) expect(normalTail(z) / tail).toBeCloseTo(1, 4);
  expect(normalTail(2.9999999) / normalTail(3.0000001)).toBeCloseTo(1, 5);
});

test("a clustered error is wider where the answers of a query go together", () => {
  const apart = Array.from({ length: 200 }, (_, i) => ({ count: 4, covered: i % 2 === 0 ? 3 : 4 }));
  const together = Array.from({ length: 200 }, (_, i) => ({ count: 4, covered: i % 8 === 0 ? 0 : 4 }));
  const [share, error] = clustered(apart);
  const [sameShare, wider] = clustered(together);
  expect([share, sameShare]).toEqual([0.875, 0.875]);
  expect(wider).toBeCloseTo(Math.sqrt((0.125 * 0.875) / 199), 10);
  expect(wider).toBeGreaterThan(1.9 * Math.sqrt((0.125 * 0.875) / 800));
  expect(error).toBeLessThan(wider);
  expect(clustered([{ count: 50, covered: 50 }])[1]).toBe(1); // one query proves nothing
});

test("answers are flagged, exact, at the floor or sampled", () => {
  const tally = new Tally();
  const add = (error: number, standardError: number, lowEss = false): void =>
    tally.add(0, { logPartition: 10 + error, standardError, lowEss, scored: 100 }, 10);
  add(5, 0.2, true);
  add(1, Number.POSITIVE_INFINITY);
  add(0, 0);
  add(0.0009, 5e-4);
  add(-0.002, 5e-4);
  add(0.03, 0.02);
  add(-0.05, 0.01);
  const { worstMiss, worstError, medianBar, rootMeanSquare, coverage, ...counts } = tally.result();
  expect(counts).toMatchObject({
    answers: 7,
    flagged: 2,
    infinite: 1,
    exact: 1,
    floored: 2,
    flooredWrong: 1,
    sampled: 2,
  });
  expect(coverage).toBe(0.5);
  expect(worstMiss).toBeCloseTo(5, 10);
  expect(worstError).toBeCloseTo(0.05, 10);
  expect(medianBar).toBe(0.02);
  expect(rootMeanSquare).toBeCloseTo(Math.sqrt((0.03 ** 2 + 0.05 ** 2) / 2), 10);
});

const cell: Cell = {
  ...{ temperature: 1, scan: "default", draws: 100, answers: 1000, flagged: 0, infinite: 0, exact: 0, floored: 0 },
  ...{ flooredWrong: 0, sampled: 1000, coverage: 0.96, coverageError: 0.007, worstMiss: 3, medianBar: 0.02 },
  ...{ rootMeanSquare: 0.015, worstError: 0.1, scored: 1124, largestBar: 0.09, rootMeanSquareOfAll: 0.016 },
  ...{ micros: 50, drawn: 100, overTarget: 0 },
};
const targeted: Cell = { ...cell, scan: "auto", targetError: 0.05, scored: 1150 };
const build: BuildResult = {
  ...{ isInformed: false, hasFineCodes: true, buildSeconds: 1, bounds: { checked: 10, wrong: 0, worst: 0 } },
  cells: [cell, targeted],
  recall: [{ k: 10, asked: 0.95, given: 0.945, givenError: 0.002, scored: 100, micros: 10 }],
};
const headOf = (builds: readonly BuildResult[], likeliestShare = 0.9): HeadResult => ({
  ...{ name: "head", itemCount: 10, dim: 2, hasBias: true, hasCounts: false, queryCount: 1000 },
  ...{ likeliestShare, builds },
});
const brokenOf = (head: HeadResult): string[] =>
  judge([head]).flatMap(({ holds, promise }) => (holds ? [] : [promise]));
const withCell = (changed: Partial<Cell>, of: Cell = cell): HeadResult =>
  headOf([{ ...build, cells: [cell, targeted].map((one) => (one === of ? { ...one, ...changed } : one)) }]);

test("good results keep every promise", () => expect(brokenOf(headOf([build]))).toEqual([]));

test.each([
  ["in every cell", withCell({ coverage: 0.91 })],
  ["over all cells of a layer", headOf([{ ...build, cells: [{ ...cell, coverage: 0.99 }] }])],
  ["the median bar", withCell({ medianBar: 0.028 })],
  ["no trusted error", withCell({ worstError: 0.27 })],
  ["no trusted answer at T ≥ 1", withCell({ worstMiss: 4.1 })],
  ["answers with a bar of at most", withCell({ flooredWrong: 1 })],
  ["built plainly, peaked layers: at most 7 %", withCell({ flagged: 71 })],
  ["built plainly, diffuse layers", { ...withCell({ flagged: 301 }), likeliestShare: 0.5 }],
  ["recall given", headOf([{ ...build, recall: [{ ...(build.recall[0] as (typeof build.recall)[0]), given: 0.93 }] }])],
  ["the bar of every answer", withCell({ overTarget: 1 }, targeted)],
  ["the root mean square error under", withCell({ rootMeanSquareOfAll: 0.051 }, targeted)],
  ["built plainly, peaked layers: target 0.05", withCell({ scored: 1300 }, targeted)],
  ["lower and upper", headOf([{ ...build, bounds: { checked: 10, wrong: 1, worst: 1e-5 } }])],
] as const)("%s … can be broken", (promise, head) => {
  expect(brokenOf(head).filter((one) => one.startsWith(promise))).toHaveLength(1);
});

test("one cell in three thousand may fall short by chance, but not by much", () => {
  const cells = (coverage: number): Cell[] => [{ ...cell, coverage }, ...Array.from({ length: 2999 }, () => cell)];
  expect(brokenOf(headOf([{ ...build, cells: cells(0.915) }]))).toEqual([]);
  expect(brokenOf(headOf([{ ...build, cells: cells(0.895) }]))).toHaveLength(1);
});
