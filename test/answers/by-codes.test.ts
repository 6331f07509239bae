import { describe, expect, test } from "vitest";
import type { BatchOption, ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { type RawVectors, rawVectors } from "../fixtures/raw-vectors.ts";
import { type StoredIndex, storedIndex } from "../fixtures/stored-index.ts";
import { EVERY } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { LEAST_ERROR, roundingError } from "../statistics/dispersion-bar.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

// Proposals by fine codes through the public calls: properties that hold for every head and tail, by enumeration and by
// draws.

const N = 600;
const IDS = Int32Array.from({ length: N }, (_, id) => id);
const SCANS = [0, 1, 40, N] as const;

const KINDS: readonly (BuildOptions & { readonly dim: number; readonly biased: boolean })[] = [
  { quantizer: "rq", metric: "dot", rowType: "i8", dim: 6, biased: true },
  { quantizer: "pq", metric: "dot", rowType: "f16", dim: 9, biased: false },
  { quantizer: "rq", metric: "cosine", rowType: "f32", dim: 17, biased: true },
];

interface Condition {
  readonly name: string;
  readonly options: ConditionOptions;
  readonly takesPart: (id: number) => boolean;
}

const CONDITIONS: readonly Condition[] = [
  { name: "all classes", options: {}, takesPart: () => true },
  { name: "T = .5", options: { temperature: 0.5 }, takesPart: () => true },
  { name: "T = 3.7", options: { temperature: 3.7 }, takesPart: () => true },
  { name: "some excluded", options: { exclude: IDS.filter((id) => id % 7 < 3) }, takesPart: (id) => id % 7 >= 3 },
  {
    name: "every third allowed, T = 2",
    options: { allow: IDS.filter((id) => id % 3 === 1), temperature: 2 },
    takesPart: (id) => id % 3 === 1,
  },
  { name: "one allowed", options: { allow: [599] }, takesPart: (id) => id === 599 },
];
const NONE: Condition = { name: "none", options: { allow: [] }, takesPart: () => false };

async function openRaw({
  dim,
  biased,
  ...options
}: (typeof KINDS)[number]): Promise<[MultiIndex, RawVectors, StoredIndex]> {
  const vectors = rawVectors(N, dim, dim);
  const file = await buildIndex(vectors, {
    ...options,
    bits: 3,
    fineCodes: true,
    ...(biased && { bias: vectors.bias }),
  });
  const { index } = await open(file, { maxDraws: 1 << 16, maxK: N, maxBatch: 8 });
  return [index, vectors, storedIndex(file)];
}

/** The number of outliers that take part, which every head scores. */
const outliersLeft = (index: MultiIndex, query: Float32Array, { options }: Condition): number =>
  index.topK(query, 0, { ...options, rescore: 0 }).scored;

/** The logits over the temperature, −∞ for excluded classes, and log Z. */
function softmax(index: MultiIndex, query: Float32Array, { options, takesPart }: Condition) {
  const inverse = Math.fround(1 / (options.temperature ?? 1));
  const logits = Array.from(index.score(query, IDS), (score, id) =>
    takesPart(id) ? score * inverse : Number.NEGATIVE_INFINITY,
  );
  const logZ = logSumExp(logits);
  const largest = Math.max(0, ...logits.filter(Number.isFinite).map(Math.abs));
  return { logits, logZ, slack: 1e-5 + 2 ** -21 * largest };
}

describe.each(KINDS)("proposals by fine codes: $quantizer, $metric, $rowType, D = $dim", (kind) => {
  const opening = openRaw(kind);

  test("give the classes that are not excluded probabilities that sum to 1, and the others none", async () => {
    const [index, { queries }] = await opening;
    for (const query of inTurn(queries, 2)) {
      for (const { name, options, takesPart } of CONDITIONS) {
        for (const scan of SCANS) {
          const logQ = index.logQ(query, IDS, { ...options, proposal: "codes", scan });
          const what = `${name}, scan ${scan}`;
          expect(
            Array.from(IDS).filter((id) => Number.isFinite(logQ[id]) !== takesPart(id)),
            what,
          ).toEqual([]);
          expect(Math.abs(logQ.reduce((sum, value) => sum + Math.exp(value), 0) - 1), what).toBeLessThanOrEqual(1e-5);
        }
      }
    }
  });

  test("are the softmax in the head, of as many classes as are scored exactly, and of all where all are", async () => {
    const [index, { queries }] = await opening;
    for (const query of inTurn(queries, 2)) {
      for (const condition of CONDITIONS) {
        const { logits, logZ, slack } = softmax(index, query, condition);
        const whole = index.logQ(query, IDS, { ...condition.options, proposal: "codes", scan: N });
        const error = (id: number): number => Math.abs((whole[id] as number) - (logits[id] as number) + logZ);
        expect(Array.from(IDS).filter((id) => condition.takesPart(id) && !(error(id) <= slack))).toEqual([]);
        const left = IDS.filter(condition.takesPart);
        const outliers = outliersLeft(index, query, condition);
        const { ids, scored } = index.predict(query, 40, {
          ...condition.options,
          proposal: "codes",
          scan: 40,
          draws: 0,
        });
        expect(scored).toBe(outliers + Math.min(40, left.length - outliers));
        const logQ = index.logQ(query, ids, { ...condition.options, proposal: "codes", scan: 40 });
        const weights = Array.from(ids, (id, i) => (logits[id] as number) - (logQ[i] as number));
        expect(weights.filter((weight) => !(Math.abs(weight - (weights[0] as number)) <= slack))).toEqual([]);
      }
    }
  });

  test("are closer to the softmax than those by buckets with a head of the same size", async () => {
    const [index, { queries }] = await opening;
    const divergence = (query: Float32Array, options: object): number => {
      const { logits, logZ } = softmax(index, query, CONDITIONS[0] as Condition);
      const logQ = index.logQ(query, IDS, options);
      return logits.reduce((sum, logit, id) => sum + Math.exp(logit - logZ) * (logit - logZ - (logQ[id] as number)), 0);
    };
    for (const query of queries.slice(0, 2)) {
      const [codes, buckets] = [divergence(query, { proposal: "codes", scan: 40 }), divergence(query, { scan: 40 })];
      expect(codes).toBeLessThan(buckets / 2.5);
    }
  });

  test("are drawn from with the bits that score and logQ give", async () => {
    const [index, { queries }] = await opening;
    for (const query of inTurn(queries, 2)) {
      for (const { options, takesPart } of [...CONDITIONS, NONE]) {
        for (const scan of SCANS) {
          const { ids, scores, logQ, seed } = index.sample(query, 50, { ...options, proposal: "codes", scan, seed: 3 });
          expect(ids).toHaveLength(IDS.some(takesPart) ? 50 : 0);
          expect(ids.every(takesPart)).toBe(true);
          expect(scores).toEqual(index.score(query, ids));
          expect(logQ).toEqual(index.logQ(query, ids, { ...options, proposal: "codes", scan }));
          expect(seed).toBe(3n);
        }
      }
    }
  });

  test("are the distribution of draws", async () => {
    const [index, { queries }] = await opening;
    const query = queries[1] as Float32Array;
    for (const { name, options } of CONDITIONS.slice(0, 5)) {
      for (const scan of inTurn([1, 40], 2, name)) {
        const counts = new Float64Array(N);
        for (const id of index.sample(query, EVERY ? 1 << 16 : 1 << 14, {
          ...options,
          proposal: "codes",
          scan,
          seed: 5,
        }).ids)
          (counts[id] as number)++;
        const q = Array.from(index.logQ(query, IDS, { ...options, proposal: "codes", scan }), Math.exp);
        const { g, low, high } = goodnessOfFit(counts, q);
        expect(g, `${name}, scan ${scan}`).toBeLessThanOrEqual(high);
        expect(g, `${name}, scan ${scan}`).toBeGreaterThanOrEqual(low);
      }
    }
  });

  test("estimate Z without bias", async () => {
    const [index, { queries }] = await opening;
    const SEEDS = EVERY ? 2000 : 1000; // at T = .5 the mean of 400 still misses classes that are rarely drawn
    for (const query of queries.slice(0, 2)) {
      for (const condition of [CONDITIONS[0], CONDITIONS[1], CONDITIONS[3]] as Condition[]) {
        const { logZ } = softmax(index, query, condition);
        for (const scan of inTurn([1, 40], 2, `${query[0]}, ${condition.name}`)) {
          const ratios = Array.from({ length: SEEDS }, (_, seed) => {
            const { logPartition } = index.predict(query, 0, {
              ...condition.options,
              proposal: "codes",
              scan,
              draws: 8,
              seed,
            });
            return Math.exp(logPartition - logZ);
          });
          const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / SEEDS;
          const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (SEEDS - 1);
          const allowance = 4.75 * Math.sqrt(variance / SEEDS) + 1e-5;
          expect(Math.abs(mean - 1), `${condition.name}, scan ${scan}`).toBeLessThanOrEqual(allowance);
        }
      }
    }
  });

  test("have brackets that hold log Z and its estimate", async () => {
    const [index, { queries }] = await opening;
    for (const query of inTurn(queries, 2)) {
      for (const condition of CONDITIONS) {
        const { logZ } = softmax(index, query, condition);
        for (const scan of SCANS) {
          for (const seed of EVERY ? [1, 2, 3] : [1]) {
            const options = { ...condition.options, proposal: "codes", scan, seed, draws: 20 } as const;
            const { lower, upper, logPartition } = index.logPartition(query, options);
            const what = `${condition.name}, scan ${scan}`;
            const rounding = 1e-6; // logZ is a sum of f32 scores
            expect(lower, what).toBeLessThanOrEqual(logZ + rounding);
            expect(upper, what).toBeGreaterThanOrEqual(logZ - rounding);
            expect(logPartition, what).toBeGreaterThanOrEqual(lower);
            expect(logPartition, what).toBeLessThanOrEqual(upper);
            // log Z here is of f32 scores, which of int8 rows see 16 bits of the query.
            const near = index.logPartition(query, { ...options, tolerance: 1e-3 });
            expect(near.upper - near.lower, what).toBeLessThanOrEqual(1e-3);
            expect(Math.abs(near.logPartition - logZ), what).toBeLessThanOrEqual(1e-3);
          }
        }
      }
    }
  });

  test("predict the best of the head, at least k of them, with their probabilities", async () => {
    const [index, { queries }, stored] = await opening;
    for (const query of inTurn(queries, 2)) {
      for (const condition of CONDITIONS) {
        const { logits, logZ, slack } = softmax(index, query, condition);
        const [largest] = index.topK(query, 1, { ...condition.options, exact: true }).scores as unknown as [number];
        const allowed = IDS.filter(condition.takesPart).length;
        for (const [k, scan] of [
          [5, 0],
          [5, 60],
          [60, 5],
          [N, 1],
          [0, N],
        ] as const) {
          const options = { ...condition.options, proposal: "codes", scan, seed: 1 } as const;
          const answer = index.predict(query, k, options);
          const inverse = Math.fround(1 / (condition.options.temperature ?? 1));
          expect(answer.ids).toHaveLength(Math.min(k, allowed));
          expect(answer.ids.every(condition.takesPart)).toBe(true);
          expect(answer.scores).toEqual(index.score(query, answer.ids));
          expect(answer.scores).toEqual(answer.scores.toSorted().reverse());
          for (const [i, p] of answer.probabilities.entries()) {
            const log = (answer.scores[i] as number) * inverse - answer.logPartition;
            expect(Math.abs(p / Math.exp(log) - 1)).toBeLessThan(1e-12);
          }
          const isWhole = Math.max(k, scan, 1) >= allowed - outliersLeft(index, query, condition);
          expect(answer.exact).toBe(isWhole);
          if (isWhole) {
            const rounding = roundingError(stored, query, largest) * inverse;
            if (answer.standardError > 0) expect(answer.standardError / rounding).toBeCloseTo(1, 3);
            else expect(rounding).toBeLessThan(1.001 * LEAST_ERROR);
            expect(Math.abs(answer.logPartition - logZ)).toBeLessThanOrEqual(slack);
          }
          const { logProbabilities, logPartition } = index.logProbability(query, IDS, options);
          const first = index.predict(query, 0, options).logPartition;
          if (logPartition !== first) {
            expect(first).toBeLessThan(logZ - LEAST_ERROR / 2); // all classes are named, so all of Z is known
            expect(Math.abs(logPartition - logZ)).toBeLessThanOrEqual(slack + 1e-5);
          }
          const off = Array.from(IDS).filter((id) => {
            const expected = condition.takesPart(id) ? (logits[id] as number) - logPartition : Number.NEGATIVE_INFINITY;
            const found = logProbabilities[id] as number;
            return !(found === expected || Math.abs(found - expected) < 5e-13);
          });
          expect(off).toEqual([]);
        }
      }
    }
  });

  test("are empty without classes", async () => {
    const [index, { queries }] = await opening;
    const [query] = queries as [Float32Array];
    const proposal = { ...NONE.options, proposal: "codes", scan: 5 } as const;
    const options = { ...proposal, seed: 1 };
    expect(index.predict(query, 5, options)).toMatchObject({ logPartition: Number.NEGATIVE_INFINITY, scored: 0 });
    expect(index.logPartition(query, options).logPartition).toBe(Number.NEGATIVE_INFINITY);
    expect(new Set(index.logQ(query, IDS, proposal))).toEqual(new Set([Number.NEGATIVE_INFINITY]));
  });

  test("of a batch are those of each query, with the bits of a fresh index, whatever came before", async () => {
    const [index, { queries }] = await opening;
    const batch = Float32Array.from(queries.flatMap((query) => Array.from(query)));
    const answersOf = (
      on: MultiIndex,
      query: Float32Array,
      options: ConditionOptions & Partial<BatchOption>,
    ): readonly unknown[] => {
      const given = { ...options, proposal: "codes", scan: 20, seed: 4 } as const;
      return [
        on.predict(query, 4, given),
        on.sample(query, 20, given),
        on.logQ(query, IDS, { ...options, proposal: "codes", scan: 20 }),
        on.logPartition(query, given),
        on.logProbability(query, [3, 1], given),
        on.topK(query, 4, { ...options, rescore: 20, scan: 100 }),
      ];
    };
    const [fresh] = await openRaw(kind);
    for (const { options } of [...CONDITIONS, ...CONDITIONS.toReversed()]) {
      const singles = queries.map((query) => answersOf(index, query, options));
      const together = answersOf(index, batch, { ...options, batch: queries.length }) as unknown[][];
      expect(together).toEqual(together.map((_, i) => singles.map((answers) => answers[i])));
      index.predict(queries[2] as Float32Array, 3, { scan: 30, seed: 1 });
      expect(answersOf(fresh, queries[1] as Float32Array, options)).toEqual(singles[1]);
    }
  });
});

describe("proposal", () => {
  const METHODS: Record<string, (on: MultiIndex, query: Float32Array, options: object) => unknown> = {
    predict: (on, query, options) => on.predict(query, 3, options),
    logPartition: (on, query, options) => on.logPartition(query, options),
    logProbability: (on, query, options) => on.logProbability(query, [1], options),
    sample: (on, query, options) => on.sample(query, 3, options),
    logQ: (on, query, options) => on.logQ(query, [1], options),
  };

  test.each(Object.entries(METHODS))("is refused by name: %s", async (_, call) => {
    const vectors = rawVectors(N, 3, 1);
    const [query] = vectors.queries as [Float32Array];
    const plain = (await open(await buildIndex(vectors))).index;
    const file = await buildIndex(vectors, { fineCodes: true });
    const [capped, whole] = [(await open(file, { maxScan: 100 })).index, (await open(file)).index];
    const asking = (on: MultiIndex, scan: unknown) => () => call(on, query, { proposal: "codes", scan });
    expect(asking(plain, 5)).toThrow(
      new RangeError('"proposal" expected an index built with "fineCodes" (--fine-codes) for "codes", got one without'),
    );
    expect(asking(capped, 101)).toThrow(
      new RangeError('"scan" expected at most 100 (maxScan), got 101; load(file, { maxScan: 101 }) allows it'),
    );
    expect(() => call(whole, query, { proposal: "code" })).toThrow(
      new RangeError('"proposal" expected buckets or codes, got "code"'),
    );
    expect(asking(capped, 100)).not.toThrow();
    expect(asking(whole, 1e9)).not.toThrow();
    expect(asking(whole, -1)).toThrow(new RangeError('"scan" expected 0 or more, got -1'));
    expect(asking(whole, 0.5)).toThrow(new TypeError('"scan" expected an integer, got 0.5'));
    expect(asking(whole, "5")).toThrow(new TypeError('"scan" expected an integer, got "5"'));
  });

  test("takes a head of 1,024 classes by default, and of fewer where the index is loaded for fewer", async () => {
    const vectors = rawVectors(3000, 3, 1);
    const [query] = vectors.queries as [Float32Array];
    const file = await buildIndex(vectors, { fineCodes: true });
    for (const [index, scan] of [
      [(await open(file)).index, 1024],
      [(await open(file, { maxScan: 70 })).index, 70],
    ] as const) {
      const { scored } = index.predict(query, 5, { proposal: "codes", draws: 10 });
      expect(scored).toBe(scan + index.info.outlierCount + 10);
      expect(index.logQ(query, [1, 2], { proposal: "codes" })).toEqual(
        index.logQ(query, [1, 2], { proposal: "codes", scan }),
      );
      expect(index.logQ(query, [1, 2], { proposal: "buckets" })).toEqual(index.logQ(query, [1, 2]));
    }
  });
});

test("rescore of topK is refused by name", async () => {
  const vectors = rawVectors(N, 3, 1);
  const [query] = vectors.queries as [Float32Array];
  const plain = (await open(await buildIndex(vectors))).index;
  const capped = (await open(await buildIndex(vectors, { fineCodes: true }), { maxScan: 100 })).index;
  expect(() => plain.topK(query, 3, { rescore: 5 })).toThrow(
    new RangeError('"rescore" expected an index built with "fineCodes" (--fine-codes), got one without'),
  );
  expect(() => capped.topK(query, 3, { rescore: 101 })).toThrow(
    new RangeError('"rescore" expected at most 100 (maxScan), got 101; load(file, { maxScan: 101 }) allows it'),
  );
  expect(() => capped.topK(query, 3, { rescore: 0.5 })).toThrow(
    new TypeError('"rescore" expected an integer, got 0.5'),
  );
});
