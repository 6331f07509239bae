import { beforeAll, describe, expect, test } from "vitest";
import {
  divergencesFrom,
  firstClasses,
  otherQueries,
  samplerOfKind,
  spacedQueries,
} from "../../bench/curves/divergence.ts";
import { KINDS } from "../../bench/curves/kinds.ts";
import type { DivergencePoint } from "../../bench/curves/result.ts";
import type { BiasedHead } from "../../bench/heads.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";

const N = 500;
const DIM = 8;
const QUERIES = 5;
const head: BiasedHead = {
  ...{ name: "made up", itemCount: N, dim: DIM },
  data: randomRows(N * DIM, 1),
  bias: randomRows(N, 2),
  counts: randomRows(N, 3).map((value) => 2 + value),
  queries: randomRows(40 * DIM, 4).map((value) => 2 * value),
};

describe("every sampler of the curves is measured against the softmax", () => {
  const points = new Map<string, DivergencePoint>();

  beforeAll(async () => {
    const measure = await divergencesFrom(head, QUERIES);
    for (const kind of KINDS) points.set(kind.name, measure(kind.name, await samplerOfKind(kind, head, QUERIES)));
  });

  const of = (name: string): DivergencePoint => points.get(name) as DivergencePoint;

  test("the softmax itself has divergence 0", () => {
    expect(of("full").kl).toBeCloseTo(0, 10);
    expect(of("full").effectiveSampleShare).toBeCloseTo(1, 10);
  });

  test("uniform draws have KL = log N − entropy and χ² = N Σ P² − 1", () => {
    let [kl, shares] = [0, [] as number[]];
    for (const query of spacedQueries(head, QUERIES)) {
      const logits = Array.from({ length: N }, (_, id) =>
        query.reduce((sum, z, d) => sum + z * (head.data[id * DIM + d] as number), head.bias[id] as number),
      );
      const logZ = logSumExp(logits);
      const p = logits.map((logit) => Math.exp(logit - logZ));
      kl += p.reduce((sum, value) => sum + value * Math.log(N * value), 0) / QUERIES;
      shares.push(1 / p.reduce((sum, value) => sum + N * value * value, 0));
    }
    shares = shares.sort((a, b) => a - b);
    expect(of("uniform").kl).toBeCloseTo(kl, 6);
    expect(of("uniform").effectiveSampleShare).toBeCloseTo(shares[QUERIES >> 1] as number, 6);
  });

  test("MIDX is closer than samplers that ignore the query, and closer still with a head", () => {
    expect(of("midx, rq").kl).toBeLessThan(of("unigram").kl);
    expect(of("midx, head of 256").kl).toBeLessThan(of("midx, rq").kl);
  });
});

test("a head is cut to its first classes, with all of its queries", () => {
  const cut = firstClasses(head, 3);
  expect(cut.data).toEqual(head.data.slice(0, 3 * DIM));
  expect(cut.bias).toEqual(head.bias.slice(0, 3));
  expect(Array.from(cut.counts)).toEqual(Array.from({ length: 3 }, (_, id) => head.counts[id]));
  expect(cut.queries).toBe(head.queries);
});

test("queries are evenly spaced over those of the head", () => {
  const [first, second] = spacedQueries(head, 2);
  expect(first).toEqual(head.queries.slice(0, DIM));
  expect(second).toEqual(head.queries.slice(20 * DIM, 21 * DIM));
});

test("codewords are fitted to queries that nothing is measured with", () => {
  const measured = spacedQueries(head, QUERIES).map(String);
  const others = otherQueries(head, 256, QUERIES);
  expect(others).toHaveLength((40 - QUERIES) * DIM);
  for (let at = 0; at < others.length; at += DIM) {
    expect(measured).not.toContain(String(others.subarray(at, at + DIM)));
  }
  expect(otherQueries(head, 3, QUERIES)).toHaveLength(3 * DIM);
});
