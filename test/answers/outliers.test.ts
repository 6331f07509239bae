import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { reference } from "../reference/index.ts";
import { inTurn } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

// Outliers lie in no bucket and have no codes, and every call has to find them all the same. Everything is compared with
// brute force over the scores of all classes.

const ITEMS = 400;
const IDS = Array.from({ length: ITEMS }, (_, id) => id);
const DRAWS = 1 << 15;

const KINDS = [
  { quantizer: "rq", rowType: "i8", metric: "dot" },
  { quantizer: "pq", rowType: "f16", metric: "cosine" },
  { quantizer: "pq", rowType: "f32", metric: "dot" },
] as const;

async function openKind(kind: (typeof KINDS)[number]) {
  const vectors = rawVectors(ITEMS, 6, 12);
  const file = await buildIndex(vectors, { ...kind, bias: vectors.bias, bits: 3, fineCodes: true, seed: 2 });
  const stored = storedIndex(file);
  const outliers = stored.outliers.map((position) => stored.ids[position] as number);
  const { index } = await open(file, { maxDraws: DRAWS, maxK: ITEMS });
  return { index, outliers, query: vectors.queries[1] as Float32Array };
}

/** Filters that leave all classes, the outliers, the others, and one of two. */
function filtersOf(outliers: readonly number[]): [name: string, options: ConditionOptions, left: number[]][] {
  const half = IDS.filter((id) => id % 2 === 0);
  return [
    ["no filter", {}, IDS],
    ["the outliers", { allow: outliers }, [...outliers].sort((a, b) => a - b)],
    ["all but the outliers", { exclude: outliers }, IDS.filter((id) => !outliers.includes(id))],
    ["half, T = 2", { allow: half, temperature: 2 }, half],
  ];
}

/** The logits of the classes that are left over T, −∞ for the others, and log Z. */
function softmaxOf(index: MultiIndex, query: Float32Array, { temperature = 1 }: ConditionOptions, left: number[]) {
  const scores = index.score(query, IDS);
  const logits = Float64Array.from(scores, (score, id) =>
    left.includes(id) ? score / temperature : Number.NEGATIVE_INFINITY,
  );
  return { scores, logits, logZ: logSumExp(logits.filter(Number.isFinite)) };
}

function expectFit(ids: Int32Array, probabilities: ArrayLike<number>, what: string): void {
  const counts = new Float64Array(ITEMS);
  for (const id of ids) (counts[id] as number)++;
  const { g, low, high } = goodnessOfFit(counts, probabilities);
  expect(g, what).toBeLessThanOrEqual(high + 1e-6);
  expect(g, what).toBeGreaterThanOrEqual(low - 1e-6);
}

describe.each(KINDS)("an index with outliers: $quantizer, $rowType, $metric", (kind) => {
  const opening = openKind(kind);

  test("topK by bounds, by a head of all classes and by all codes is brute force", async () => {
    const { index, outliers, query } = await opening;
    expect(outliers).toHaveLength(ITEMS / 8);
    for (const [name, options, left] of filtersOf(outliers)) {
      const { scores } = softmaxOf(index, query, options, left);
      for (const k of [1, 10, ITEMS]) {
        const entries = left.map((id) => ({ id, score: scores[id] as number }));
        const best = reference.topPush([], entries, k);
        for (const effort of [{ exact: true }, { scan: ITEMS }, { rescore: ITEMS }] as const) {
          const { ids, scores: found, exact } = index.topK(query, k, { ...options, ...effort });
          const what = `${name}, ${JSON.stringify(effort)}`;
          expect(
            Array.from(ids, (id, i) => ({ id, score: found[i] })),
            what,
          ).toEqual(best);
          expect(exact, what).toBe(true);
        }
      }
    }
  });

  test("a head of no bucket has the best outliers", async () => {
    const { index, outliers, query } = await opening;
    for (const options of [{ scan: 0 }, { scan: 0, rescore: 0 }]) {
      const { ids, scored } = index.topK(query, 5, options);
      const scores = index.score(query, outliers);
      const entries = outliers.map((id, i) => ({ id, score: scores[i] as number }));
      const best = reference.topPush([], entries, 5).map(({ id }) => id);
      if ("rescore" in options) expect([Array.from(ids), scored]).toEqual([best, outliers.length]);
      else expect(best.filter((id) => ids.includes(id)).length).toBeGreaterThan(0); // buckets complete k classes
    }
  });

  test("draws follow log Q, which is exact for outliers, and exact draws follow the softmax", async () => {
    const { index, outliers, query } = await opening;
    for (const [name, options, left] of filtersOf(outliers)) {
      const { logits, logZ } = softmaxOf(index, query, options, left);
      const efforts = [{ scan: 0 }, { scan: 100 }, { proposal: "codes", scan: 20 }] as const;
      for (const effort of inTurn(efforts, 2, name)) {
        const what = `${name}, ${JSON.stringify(effort)}`;
        const logQ = index.logQ(query, IDS, { ...options, ...effort });
        expect(Math.abs(logSumExp(logQ.filter(Number.isFinite))), what).toBeLessThan(1e-5);
        const logTotals = outliers
          .filter((id) => left.includes(id))
          .map((id) => (logits[id] as number) - (logQ[id] as number));
        for (const logTotal of logTotals)
          expect(Math.abs(logTotal - (logTotals[0] as number)), what).toBeLessThan(1e-4);
        expectFit(index.sample(query, DRAWS, { ...options, ...effort, seed: 3 }).ids, logQ.map(Math.exp), what);
      }
      const exact = index.sample(query, DRAWS, { ...options, exact: true, seed: 4 }).ids;
      expectFit(
        exact,
        logits.map((logit) => Math.exp(logit - logZ)),
        `${name}, exact`,
      );
    }
  });

  test("distinct draws begin with one of the softmax, and their weights add up to Z", async () => {
    const { index, outliers, query } = await opening;
    const SEEDS = 1500;
    for (const [name, options, left] of filtersOf(outliers)) {
      const { logits, logZ } = softmaxOf(index, query, options, left);
      for (const exact of inTurn([true, false], 2, name)) {
        const first = new Int32Array(SEEDS);
        let [sum, squares] = [0, 0];
        for (let seed = 0; seed < SEEDS; seed++) {
          const effort = exact ? { exact } : { scan: 30 };
          const { ids, logWeights } = index.sampleTopK(query, 4, { ...options, ...effort, seed });
          first[seed] = ids[0] as number;
          const ratio = logWeights.reduce((total, log) => total + Math.exp(log - logZ), 0);
          sum += ratio;
          squares += ratio * ratio;
        }
        if (exact)
          expectFit(
            first,
            logits.map((logit) => Math.exp(logit - logZ)),
            name,
          );
        const mean = sum / SEEDS;
        const deviation = Math.sqrt(Math.max(0, squares / SEEDS - mean * mean) / SEEDS);
        expect(Math.abs(mean - 1), `${name}, exact ${exact}`).toBeLessThanOrEqual(5 * deviation + 1e-5);
      }
    }
  });

  test("bounds contain log Z, and estimates by either proposal are near it", async () => {
    const { index, outliers, query } = await opening;
    for (const [name, options, left] of filtersOf(outliers)) {
      const { logZ } = softmaxOf(index, query, options, left);
      for (const effort of [{ scan: 0 }, { scan: 100 }, { proposal: "codes", scan: 20 }] as const) {
        const answer = index.logPartition(query, { ...options, ...effort, draws: 200, seed: 5 });
        expect(answer.lower, name).toBeLessThanOrEqual(logZ + 1e-3);
        expect(answer.upper, name).toBeGreaterThanOrEqual(logZ - 1e-3);
        expect(Math.abs(answer.logPartition - logZ), name).toBeLessThan(4 * answer.standardError + 1e-3);
      }
    }
  });
});

test("the service answers for outliers as the library does", async () => {
  const { index, outliers, query } = await openKind(KINDS[0]);
  const app = createApp(fixedHost(index));
  const ask = async (path: string, body: object): Promise<unknown> => {
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const response = await app.request(path, { ...init, body: JSON.stringify({ vector: [...query], ...body }) });
    expect(response.status, path).toBe(200);
    return response.json();
  };
  for (const allow of [outliers, outliers.slice(0, 3)]) {
    const { ids, scores, logPartition } = index.predict(query, 5, { allow, scan: 0, seed: 1 });
    expect(Array.from(ids).every((id) => allow.includes(id))).toBe(true);
    expect(await ask("/v1/predict", { k: 5, scan: 0, seed: 1, allow })).toMatchObject({
      ...{ ids: [...ids], scores: [...scores], logPartition, exact: true, scored: allow.length },
    });
    const drawn = index.sample(query, 8, { allow, scan: 0, seed: 1 });
    expect(await ask("/v1/sample", { draws: 8, scan: 0, seed: 1, allow })).toMatchObject({
      ...{ ids: [...drawn.ids], logQ: [...drawn.logQ] },
    });
    const distinct = index.sampleTopK(query, 3, { allow, seed: 1 });
    expect(await ask("/v1/sample-top-k", { k: 3, seed: 1, allow })).toMatchObject({ ids: [...distinct.ids] });
    const [logProbability] = index.logProbability(query, [allow[0] as number], { allow, seed: 1 }).logProbabilities;
    const asked = { ids: [allow[0]], seed: 1, allow };
    expect(await ask("/v1/log-probability", asked)).toMatchObject({ logProbabilities: [logProbability] });
    expect(await ask("/v1/log-partition", { seed: 1, allow })).toMatchObject({ logPartition });
  }
});
