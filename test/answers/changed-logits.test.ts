import { describe, expect, test } from "vitest";
import type { Draws } from "../../src/answers/answers.ts";
import type { AnySampleOptions, ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { changedLogit, changedSoftmax, isChanged } from "../fixtures/changed-cases.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { EVERY } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { logPartitionInFloat64 } from "../statistics/float64-partition.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

// Biases and penalties through the public calls, compared with brute force over the changed logits of all classes.

const N = 500;
const IDS = Array.from({ length: N }, (_, id) => id);

interface Kind extends BuildOptions {
  readonly dim: number;
  readonly biased: boolean;
}

const KINDS: readonly Kind[] = [
  { quantizer: "rq", metric: "dot", rowType: "i8", dim: 6, biased: true, fineCodes: true },
  { quantizer: "pq", metric: "dot", rowType: "f16", dim: 9, biased: false, fineCodes: true },
  { quantizer: "rq", metric: "cosine", rowType: "f32", dim: 7, biased: true },
];

const every = (step: number, from = 0): number[] => IDS.filter((id) => id % step === from);
const some = every(9, 4);

/** Changes of every kind. The size of a change is that of the logits. */
const CHANGES: readonly (readonly [name: string, options: ConditionOptions])[] = [
  ["a bias", { bias: { ids: some, values: some.map((id) => Math.sin(id) * 3) } }],
  [
    "bans and a bias at T = .5",
    {
      bias: { ids: [3, 4, 5, 499], values: [Number.NEGATIVE_INFINITY, 4, -4, Number.NEGATIVE_INFINITY] },
      temperature: 0.5,
    },
  ],
  ["a repetition penalty", { history: [...some, ...some, 7], repetitionPenalty: 1.7 }],
  ["a repetition penalty below 1 at T = 2", { history: every(5), repetitionPenalty: 0.4, temperature: 2 }],
  [
    "every penalty and a bias, in half of the classes",
    {
      history: [...every(3), ...every(6), ...every(12)],
      ...{ repetitionPenalty: 1.2, presencePenalty: 0.3, frequencyPenalty: 0.7, temperature: 0.7 },
      bias: { ids: every(4), values: every(4).map((id) => (id % 7) - 3) },
      exclude: every(10),
      allow: every(2),
    },
  ],
  ["all classes", { bias: { ids: IDS, values: IDS.map((id) => (id % 5) - 2) } }],
  [
    "all that a bitmap allows",
    { allow: { bitmap: new Uint8Array(63).fill(0b1001) }, history: IDS, presencePenalty: 1 },
  ],
  ["only what is banned is allowed", { allow: [1, 2], bias: { ids: [1, 2], values: [-1 / 0, -1 / 0] } }],
  ["nothing that is allowed", { allow: [], history: [1, 2, 3], frequencyPenalty: 1 }],
  ["negative penalties of one class", { history: [250, 250], presencePenalty: -2, frequencyPenalty: -3 }],
];

const buildKind = async ({ dim, biased, ...options }: Kind) => {
  const vectors = rawVectors(N, dim, dim);
  const file = await buildIndex(vectors, { ...options, bits: 3, seed: 3, ...(biased && { bias: vectors.bias }) });
  return { file, vectors };
};

const openKind = async (kind: Kind) => {
  const { file, vectors } = await buildKind(kind);
  const { index } = await open(file, { maxDraws: 1 << 15, maxK: N, maxScan: N, maxBatch: 8, maxChanged: N });
  return { index, stored: storedIndex(file), queries: vectors.queries };
};

/** The ids of the classes that are left, best first, ties by lower id. */
const bestOf = (scores: Float32Array): number[] =>
  IDS.filter((id) => scores[id] !== Number.NEGATIVE_INFINITY).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );

/** The number of draws whose value is not that of their class. */
const differences = (values: Float32Array, ids: Int32Array, byClass: Float32Array): number =>
  values.reduce((count, value, i) => count + (Object.is(value, byClass[ids[i] as number]) ? 0 : 1), 0);

/** The proposals that an index has, with their heads. */
const proposals = ({ info }: MultiIndex): { proposal: "buckets" | "codes"; scan: number }[] =>
  [0, 30, N].flatMap((scan) => [
    { proposal: "buckets" as const, scan },
    ...(info.hasFineCodes ? [{ proposal: "codes" as const, scan }] : []),
  ]);

describe.each(KINDS)("changed logits: $quantizer, $rowType, $metric", (kind) => {
  const opening = openKind(kind);

  test.each(CHANGES)(
    "topK finds the best of all classes by their changed logits, bit for bit: %s",
    async (_, options) => {
      const { index, queries } = await opening;
      for (const query of inTurn(queries, 2)) {
        const { scores } = changedSoftmax(index, query, options);
        const best = bestOf(scores);
        const ways = [
          { exact: true },
          { scan: N },
          ...(index.info.hasFineCodes ? [{ rescore: N }, { recall: 1 }] : []),
        ];
        for (const way of ways) {
          for (const k of inTurn([1, 20, N], 3, `${query}${JSON.stringify(way)}`)) {
            const top = index.topK(query, k, { ...options, ...way });
            expect(Array.from(top.ids), JSON.stringify({ way, k })).toEqual(best.slice(0, k));
            expect(top.scores).toEqual(Float32Array.from(top.ids, (id) => scores[id] as number));
            expect(top.exact).toBe(true);
          }
        }
        const { ids, scores: found } = index.topK(query, 5, { ...options, scan: 20 });
        expect(found).toEqual(Float32Array.from(ids, (id) => scores[id] as number));
      }
    },
  );

  test.each(CHANGES)("log Z, its bounds and log P are those of the changed softmax: %s", async (_, options) => {
    const { index, stored, queries } = await opening;
    for (const query of inTurn(queries, 2)) {
      const { scores, logZ, slack, inverseTemperature, count } = changedSoftmax(index, query, options);
      const takesPart = (id: number): boolean => changedLogit(options, 0, id) !== Number.NEGATIVE_INFINITY;
      const change = (logit: number, id: number): number => changedLogit(options, logit, id);
      const exactly = logPartitionInFloat64(stored, query, options.temperature ?? 1, takesPart, change);
      const ways = [{ exact: true }, { tolerance: 0.01 }, { scan: N }, { scan: 0 }, { scan: "auto" as const }];
      for (const way of [...ways, ...proposals(index)]) {
        const answer = index.logPartition(query, { ...options, ...way, seed: 5 });
        const what = JSON.stringify(way);
        expect(answer.lower, what).toBeLessThanOrEqual(exactly);
        expect(answer.upper, what).toBeGreaterThanOrEqual(exactly);
        if (!("exact" in way || way.scan === N)) continue;
        const { logPartition } = index.predict(query, 1, { ...options, ...way, seed: 5 });
        expect(Math.abs(logPartition - logZ) <= slack || logPartition === logZ, what).toBe(true);
        // Bounds by fine codes are those of buckets, however large the head is.
        const isNarrow = count > 0 && !("proposal" in way && way.proposal === "codes");
        if (isNarrow) expect(answer.upper - answer.lower, what).toBeLessThan(0.02);
      }
      const { logProbabilities, logPartition } = index.logProbability(query, IDS, { ...options, scan: 30, seed: 1 });
      const isLog = (score: number, id: number): boolean =>
        Object.is(
          logProbabilities[id],
          score > Number.NEGATIVE_INFINITY ? score * inverseTemperature - logPartition : score,
        );
      expect(IDS.filter((id) => !isLog(scores[id] as number, id))).toEqual([]);
    }
  });

  test.each(CHANGES)(
    "Σ Q = 1, changed classes have their exact share of Q, and the rest keeps its shape: %s",
    async (_, options) => {
      const { index, queries } = await opening;
      for (const query of inTurn(queries, 2)) {
        const { scores, slack, inverseTemperature, probabilities, count } = changedSoftmax(index, query, options);
        const changed = IDS.filter((id) => isChanged(options, id) && scores[id] !== Number.NEGATIVE_INFINITY);
        const exclude = [...Array.from(options.exclude ?? []), ...IDS.filter((id) => isChanged(options, id))];
        const { bias, history, repetitionPenalty, presencePenalty, frequencyPenalty, ...filters } = options;
        for (const head of proposals(index)) {
          const what = JSON.stringify(head);
          const logQ = index.logQ(query, IDS, { ...options, ...head });
          const rest = index.logQ(query, IDS, { ...filters, exclude, ...head });
          const isOut = (logs: Float32Array, id: number): boolean => logs[id] === Number.NEGATIVE_INFINITY;
          expect(
            IDS.filter((id) => isOut(logQ, id) !== isOut(scores, id)),
            what,
          ).toEqual([]);
          const total = logQ.reduce((sum, log) => sum + Math.exp(log), 0);
          if (count > 0) expect(Math.abs(total - 1), what).toBeLessThan(slack);
          const ofChanged = changed.reduce((sum, id) => sum + Math.exp(logQ[id] as number), 0);
          const kept = IDS.filter((id) => !changed.includes(id) && !isOut(scores, id));
          const shareOf = (id: number): number => Math.exp(rest[id] as number) * (1 - ofChanged);
          const isNear = (id: number, p: number): boolean => Math.abs(Math.exp(logQ[id] as number) - p) < slack;
          expect(
            kept.filter((id) => !isNear(id, shareOf(id))),
            what,
          ).toEqual([]);
          const shifts = changed.map((id) => (scores[id] as number) * inverseTemperature - (logQ[id] as number));
          if (shifts.length > 0) expect(Math.max(...shifts) - Math.min(...shifts), what).toBeLessThan(2 * slack);
          if (head.scan < N || count === 0) continue;
          expect(
            IDS.filter((id) => !isNear(id, probabilities[id] as number)),
            what,
          ).toEqual([]);
        }
      }
    },
  );

  test.each(CHANGES)("draws have changed logits, and follow Q and P: %s", async (_, options) => {
    const { index, queries } = await opening;
    const query = queries[1] as Float32Array;
    const { scores, probabilities, count } = changedSoftmax(index, query, options);
    const asked = EVERY ? 20_000 : 8000;
    const draws = count > 0 ? asked : 0;
    for (const way of [{ exact: true as const }, ...proposals(index).filter(({ scan }) => scan < N)]) {
      const what = JSON.stringify(way);
      const given: AnySampleOptions = { ...options, ...way, seed: 11 };
      const drawn = index.sample(query, asked, given);
      expect(drawn.ids.length).toBe(draws);
      expect(differences(drawn.scores, drawn.ids, scores), what).toBe(0);
      const logQ = "exact" in way ? undefined : index.logQ(query, IDS, { ...options, ...way });
      if (logQ) expect(differences((drawn as Draws).logQ, drawn.ids, logQ), what).toBe(0);
      if (count < 2) continue;
      const counts = new Float64Array(N);
      for (const id of drawn.ids) (counts[id] as number)++;
      const { g, high } = goodnessOfFit(counts, logQ ? logQ.map((log) => Math.exp(log)) : probabilities);
      expect(g, what).toBeLessThanOrEqual(high + 1e-6);
    }
  });

  test.each(CHANGES)("Ẑ and sums over distinct draws are unbiased for the changed Z: %s", async (_, options) => {
    const { index, queries } = await opening;
    const query = queries[1] as Float32Array;
    const { scores, logZ, count } = changedSoftmax(index, query, options);
    const SEEDS = EVERY ? 200 : 100;
    const ratios = (logOf: (seed: number) => number): void => {
      const values = Array.from({ length: SEEDS }, (_, seed) => Math.exp(logOf(seed) - logZ));
      const mean = values.reduce((sum, value) => sum + value, 0) / SEEDS;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (SEEDS - 1);
      expect(Math.abs(mean - 1)).toBeLessThan(4.9 * Math.sqrt(variance / SEEDS) + 1e-5);
    };
    for (const exact of [true, false]) {
      const drawn = index.sampleTopK(query, 30, { ...options, seed: 1, ...(exact ? { exact } : { scan: 20 }) });
      expect(new Set(drawn.ids).size).toBe(Math.min(30, count));
      expect(drawn.scores).toEqual(Float32Array.from(drawn.ids, (id) => scores[id] as number));
      if (count === 0) continue;
      const way = exact ? { exact } : { scan: 20 };
      ratios((seed) => logSumExp(index.sampleTopK(query, 30, { ...options, ...way, seed }).logWeights));
    }
    if (count === 0) return;
    for (const way of proposals(index).filter(({ scan }) => scan < N)) {
      ratios((seed) => index.predict(query, 1, { ...options, ...way, draws: 50, seed }).logPartition);
    }
  });
});
