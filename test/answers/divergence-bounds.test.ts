import { describe, expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { enumerate, logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";

// The bounds that follow from the range of the residual logits (docs/method.md, section 7), on the proposals that the
// library draws from. Everything is enumerated in f64. Answers are f32, hence the slack.

const ITEM_COUNT = 7;
const DIM = 3;
const INDEXES = 50;
const QUERIES = 20;
const SLACK = 1e-5;

interface Case {
  readonly p: number[];
  readonly q: number[];
  /** log p/q up to a constant: the residual logits, up to the rounding of shares. */
  readonly t: number[];
  /** max t − min t */
  readonly range: number;
  readonly logZ: number;
  /** The bucket of each class. */
  readonly buckets: Int32Array;
  readonly rows: readonly (readonly number[])[];
}

const cases: Case[] = [];
for (let n = 0; n < INDEXES; n++) {
  const data = randomRows(ITEM_COUNT * DIM, n);
  const bias = n % 3 === 0 ? undefined : randomRows(ITEM_COUNT, n + 500).map((value) => 2 * value);
  const quantizer = n % 2 === 0 ? "rq" : "pq";
  const file = await buildIndex(
    { data, shape: [ITEM_COUNT, DIM] },
    { rowType: "f32", bits: 1, quantizer, seed: n, ...(bias && { bias }) },
  );
  const { index } = await open(file);
  const ids = Array.from({ length: ITEM_COUNT }, (_, id) => id);
  const { buckets } = enumerate(storedIndex(file), new Float32Array(DIM));
  for (let i = 0; i < QUERIES; i++) {
    const query = randomRows(DIM, 1000 + 100 * n + i).map((value) => (0.2 + 0.2 * i) * value);
    const scores = Array.from(index.score(query, ids));
    const logQ = Array.from(index.logQ(query, ids, { scan: 0 }));
    const logZ = logSumExp(scores);
    const t = scores.map((score, id) => score - (logQ[id] as number));
    cases.push({
      p: scores.map((score) => Math.exp(score - logZ)),
      q: logQ.map(Math.exp),
      t,
      range: Math.max(...t) - Math.min(...t),
      logZ,
      buckets,
      rows: ids.map((id) => Array.from(data.subarray(id * DIM, (id + 1) * DIM))),
    });
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const divergence = (a: readonly number[], b: readonly number[]): number =>
  sum(a.map((value, i) => value * Math.log(value / (b[i] as number))));
const rhoOf = ({ p, q }: Case): number => sum(p.map((value, i) => value ** 2 / (q[i] as number)));

test("there are 1,000 cases, from nearly equal to far apart", () => {
  expect(cases.length).toBe(INDEXES * QUERIES);
  expect(Math.min(...cases.map(({ range }) => range))).toBeLessThan(0.3);
  expect(Math.max(...cases.map(({ range }) => range))).toBeGreaterThan(4);
});

describe("with R the range of the residual logits", () => {
  test("both divergences are at most min(R, R² / 8)", () => {
    for (const { p, q, range } of cases) {
      const bound = Math.min(range, range ** 2 / 8) + SLACK;
      expect(divergence(q, p)).toBeLessThanOrEqual(bound);
      expect(divergence(p, q)).toBeLessThanOrEqual(bound);
    }
  });

  test("the total variation is at most tanh(R / 4)", () => {
    for (const { p, q, range } of cases) {
      const variation = sum(p.map((value, i) => Math.abs(value - (q[i] as number)))) / 2;
      expect(variation).toBeLessThanOrEqual(Math.tanh(range / 4) + SLACK);
    }
  });

  test("1 + χ²(P‖Q) is at most cosh²(R / 2), so a draw is worth at least sech²(R / 2) exact ones", () => {
    for (const one of cases) expect(rhoOf(one)).toBeLessThanOrEqual(Math.cosh(one.range / 2) ** 2 * (1 + SLACK));
  });

  test("to leading order a divergence is half the variance of the residual logits", () => {
    for (const { p, q, t, range } of cases.filter((one) => one.range < 0.5)) {
      const mean = sum(q.map((value, i) => value * (t[i] as number)));
      const half = sum(q.map((value, i) => value * ((t[i] as number) - mean) ** 2)) / 2;
      expect(Math.abs(divergence(p, q) - half)).toBeLessThanOrEqual(range * half + SLACK);
    }
  });

  test("KL(P‖Q) is that of the bucket masses plus the mean of those within buckets", () => {
    for (const { p, q, buckets } of cases) {
      const massOf = (of: readonly number[], bucket: number): number =>
        sum(of.filter((_, id) => buckets[id] === bucket));
      const between = [...new Set(buckets)].map((bucket) => [massOf(p, bucket), massOf(q, bucket)] as const);
      const within = p.map((value, id) => {
        const bucket = buckets[id] as number;
        return value * Math.log(value / massOf(p, bucket) / ((q[id] as number) / massOf(q, bucket)));
      });
      const chain = sum(between.map(([a, b]) => a * Math.log(a / b))) + sum(within);
      expect(Math.abs(divergence(p, q) - chain)).toBeLessThan(1e-9);
    }
  });

  // The mean runs over all 7² pairs of two independent draws.
  const M = 2;
  const pairs = Array.from(
    { length: ITEM_COUNT ** M },
    (_, i) => [i % ITEM_COUNT, Math.floor(i / ITEM_COUNT)] as const,
  );

  test("log of the estimated partition is low by 0 to e^R sinh²(R / 2) / M on average", () => {
    for (const { q, t, range, logZ } of cases) {
      const expected = sum(
        pairs.map(([a, b]) => {
          const mean = (Math.exp(t[a] as number) + Math.exp(t[b] as number)) / M;
          return (q[a] as number) * (q[b] as number) * Math.log(mean);
        }),
      );
      expect(logZ - expected).toBeGreaterThanOrEqual(-SLACK);
      expect(logZ - expected).toBeLessThanOrEqual((Math.exp(range) * Math.sinh(range / 2) ** 2) / M + SLACK);
    }
  });

  test("a self-normalised mean is off by at most 2 Δ √(ρ (ρ − 1)) / M, and that by at most Δ sinh(R) / M", () => {
    for (const one of cases) {
      const { p, q, t, range, rows } = one;
      const mean = rows.reduce(
        (total, row, i) => total.map((v, d) => v + (p[i] as number) * (row[d] as number)),
        [0, 0, 0],
      );
      const centred = rows.map((row) => row.map((value, d) => value - (mean[d] as number)));
      const delta = Math.max(...centred.map((row) => Math.hypot(...row)));
      const bias = [0, 0, 0];
      for (const [a, b] of pairs) {
        const weightA = Math.exp(t[a] as number);
        const weightB = Math.exp(t[b] as number);
        const probability = (q[a] as number) * (q[b] as number);
        for (let d = 0; d < DIM; d++) {
          const weighted = weightA * (centred[a]?.[d] as number) + weightB * (centred[b]?.[d] as number);
          bias[d] = (bias[d] as number) + (probability * weighted) / (weightA + weightB);
        }
      }
      const rho = rhoOf(one);
      const bound = (2 * delta * Math.sqrt(Math.max(0, rho * (rho - 1)))) / M;
      expect(Math.hypot(...bias)).toBeLessThanOrEqual(bound + SLACK);
      expect(bound).toBeLessThanOrEqual(((delta * Math.sinh(range)) / M) * (1 + 1e-3) + SLACK);
    }
  });
});
