import { beforeAll, describe, expect, test } from "vitest";
import type { LossInput } from "../../src/train/loss/loss-input.ts";
import { sampledSoftmaxLoss } from "../../src/train/loss/sampled-softmax-inlined.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "./rows.ts";
import { announce, DIM, madeClasses, makeSampler, SAMPLERS } from "./sampler-cases.ts";

// The expected loss is computed over all N^M tuples of M draws from N classes.

const N = 6;
const IDS = Array.from({ length: N }, (_, id) => id);
const classes = madeClasses(N);
const query = randomRows(DIM, 8).map((value) => 1.2 * value);

const rowOf = (id: number): Float32Array => classes.rows.subarray(id * DIM, (id + 1) * DIM);
const dot = (row: Float32Array): number => row.reduce((sum, value, d) => sum + value * (query[d] as number), 0);
const LOGITS = IDS.map((id) => dot(rowOf(id)) + (classes.biases[id] as number));
const LOG_Z = logSumExp(LOGITS);
const LOG_P = LOGITS.map((logit) => logit - LOG_Z);

/** log Q of all classes without the excluded. */
const without = (logQ: readonly number[], excluded: readonly number[]): number[] => {
  const rest = logSumExp(logQ.filter((_, id) => !excluded.includes(id)));
  return logQ.map((value, id) => (excluded.includes(id) ? Number.NEGATIVE_INFINITY : value - rest));
};

function* tuples(count: number): Generator<number[]> {
  for (let number = 0; number < N ** count; number++) {
    yield Array.from({ length: count }, (_, place) => Math.floor(number / N ** place) % N);
  }
}

interface Expected {
  /** By the logits of the classes, and by the query. */
  readonly gradient: Float64Array;
  readonly gradQuery: Float64Array;
  /** Of e^loss · e^{mean of the positives' logits}: the denominator. */
  readonly denominator: number;
}

function expectOver(form: "A" | "B", positives: readonly number[], logQ: ArrayLike<number>, draws: number): Expected {
  const gradient = new Float64Array(N);
  const gradQuery = new Float64Array(DIM);
  const meanLogit = positives.reduce((sum, id) => sum + (LOGITS[id] as number) / positives.length, 0);
  let denominator = 0;
  for (const ids of tuples(draws)) {
    const probability = Math.exp(ids.reduce((sum, id) => sum + (logQ[id] as number), 0));
    if (probability === 0) continue;
    const found = sampledSoftmaxLoss({
      form,
      query,
      positives: vectorsOf(positives, logQ),
      sampled: vectorsOf(ids, logQ),
    } as LossInput);
    const add = (to: Float64Array, at: number, value: number | undefined): void => {
      to[at] = (to[at] as number) + probability * (value as number);
    };
    for (const [i, id] of positives.entries()) add(gradient, id, found.gradPositiveBiases[i]);
    for (const [i, id] of ids.entries()) add(gradient, id, found.gradSampledBiases[i]);
    for (const [d, value] of found.gradQuery.entries()) add(gradQuery, d, value);
    denominator += probability * Math.exp(found.loss + meanLogit);
  }
  return { gradient, gradQuery, denominator };
}

const vectorsOf = (ids: readonly number[], logQ: ArrayLike<number>) => ({
  ids: Int32Array.from(ids),
  rows: Float32Array.from(ids.flatMap((id) => [...rowOf(id)])),
  biases: Float32Array.from(ids, (id) => classes.biases[id] as number),
  logQ: Float64Array.from(ids, (id) => logQ[id] as number),
});

/** Of the full softmax: P less the positives' shares, by logit, and by query. */
function fullGradient(positives: readonly number[]): Pick<Expected, "gradient" | "gradQuery"> {
  const gradient = Float64Array.from(LOG_P, Math.exp);
  for (const id of positives) gradient[id] = (gradient[id] as number) - 1 / positives.length;
  return { gradient, gradQuery: byQuery(gradient) };
}

const byQuery = (gradient: Float64Array): Float64Array =>
  Float64Array.from({ length: DIM }, (_, d) =>
    IDS.reduce((sum, id) => sum + (gradient[id] as number) * (rowOf(id)[d] as number), 0),
  );

const distance = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0));

test.each([1, 2, 3])("with Q = P and %i draws, form A has M / (M + 1) of the full softmax's gradient", (draws) => {
  for (const positives of [[2], [0, 4]]) {
    const { gradient, gradQuery } = expectOver("A", positives, LOG_P, draws);
    const full = fullGradient(positives);
    const share = draws / (draws + 1);
    expect(
      distance(
        gradient,
        full.gradient.map((value) => share * value),
      ),
    ).toBeLessThan(1e-6);
    expect(
      distance(
        gradQuery,
        full.gradQuery.map((value) => share * value),
      ),
    ).toBeLessThan(1e-6);
  }
});

test.each([1, 2, 3])("with Q⁻ = P⁻ and %i draws, form B has the full softmax's gradient", (draws) => {
  for (const positives of [[2], [0, 4], [1, 3, 5]]) {
    const { gradient, gradQuery } = expectOver("B", positives, without(LOG_P, positives), draws);
    const full = fullGradient(positives);
    expect(distance(gradient, full.gradient)).toBeLessThan(1e-6);
    expect(distance(gradQuery, full.gradQuery)).toBeLessThan(1e-6);
  }
});

/** Distance of the expected gradient by the query from the full one, for 1, 2 and 3 draws. */
const biases = (positives: readonly number[], logQ: ArrayLike<number>): number[] =>
  [1, 2, 3].map((draws) =>
    distance(expectOver("B", positives, logQ, draws).gradQuery, fullGradient(positives).gradQuery),
  );

describe.each(SAMPLERS)("form B by $title", ({ options }) => {
  let logQWithout: (positives: readonly number[]) => Float64Array;
  beforeAll(async () => {
    const sampler = await makeSampler(options, classes);
    announce(sampler, classes.counts, 1);
    logQWithout = (positives) => sampler.logQ(query, IDS, positives);
  });

  test("has a denominator that is Z on average", () => {
    for (const positives of [[2], [0, 4], [1, 3, 5]]) {
      const { denominator } = expectOver("B", positives, logQWithout(positives), 3);
      expect(Math.abs(denominator / Math.exp(LOG_Z) - 1)).toBeLessThan(1e-5);
    }
  });

  // ‖bias‖ ≤ 2 Δ √(ρ(ρ − 1)) / M with ρ = Σ P⁻² / Q⁻ and Δ the largest distance of a row from the rows' mean under P.
  test("has a gradient whose bias falls with the number of draws, within the bound", () => {
    const mean = byQuery(Float64Array.from(LOG_P, Math.exp));
    const spread = Math.max(...IDS.map((id) => distance(Float64Array.from(rowOf(id)), mean)));
    for (const positives of [[2], [0, 4]]) {
      const logQ = logQWithout(positives);
      const logP = without(LOG_P, positives);
      const others = IDS.filter((id) => !positives.includes(id));
      const rho = others.reduce((sum, id) => sum + Math.exp(2 * (logP[id] as number) - (logQ[id] as number)), 0);
      const found = biases(positives, logQ);
      for (const [i, bias] of found.entries()) {
        expect(bias).toBeLessThan((2 * spread * Math.sqrt(rho * Math.max(0, rho - 1))) / (i + 1) + 1e-6);
        if (i > 0 && bias > 1e-5) expect(bias).toBeLessThan(found[i - 1] as number);
      }
    }
  });
});

test("on rows in clusters, MIDX's gradient has less bias than uniform sampling's, over positives as likely as P", async () => {
  const biasOf = async (kind: "midx" | "uniform"): Promise<number[]> => {
    const sampler = await makeSampler({ kind }, classes);
    const byPositive = IDS.map((id) => biases([id], sampler.logQ(query, IDS, [id])));
    return [0, 1, 2].map((i) =>
      byPositive.reduce((sum, bias, id) => sum + Math.exp(LOG_P[id] as number) * (bias[i] as number), 0),
    );
  };
  const [ofMidx, ofUniform] = [await biasOf("midx"), await biasOf("uniform")];
  for (const [i, bias] of ofMidx.entries()) expect(bias).toBeLessThan(0.75 * (ofUniform[i] as number));
});
