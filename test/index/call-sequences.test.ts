import { describe, expect, test } from "vitest";
import type { TopKOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { Limits } from "../../src/memory/plan.ts";
import type { BuildOptions, FeatureTable } from "../../src/train/index.ts";
import { build } from "../../src/train/index.ts";
import type { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

// An answer depends on its call alone. Random sequences of calls on one index are each compared bit for bit with the
// answer of an index that answered no call before.

interface Subject {
  readonly itemCount: number;
  readonly dim: number;
  readonly options: BuildOptions;
  readonly limits?: Partial<Limits>;
  readonly kernels?: keyof typeof BUILDS;
  /** What its error bars are calibrated with. */
  readonly calibratedOn?: "queries" | "stand-ins";
}

/** Indexes with heads, without tables that fill the whole memory, and with every row type, metric and quantizer. */
const SUBJECTS: Record<string, Subject> = {
  "rq i8 with fine codes": { itemCount: 700, dim: 6, options: { fineCodes: true } },
  "pq f16 with fine codes": { itemCount: 400, dim: 9, options: { fineCodes: true, quantizer: "pq", rowType: "f16" } },
  "rq f32 cosine": { itemCount: 300, dim: 5, options: { metric: "cosine", rowType: "f32" } },
  "pq i8 of one bucket": { itemCount: 60, dim: 4, options: { quantizer: "pq", bits: 0 } },
  "rq i8 above what is scanned at once": { itemCount: 900, dim: 8, options: {}, limits: { maxScan: 16 } },
  "relaxed kernels": { itemCount: 900, dim: 8, options: {}, limits: { maxScan: 16 }, kernels: "relaxed" },
  "a file with outliers, calibrated on queries": {
    itemCount: 500,
    dim: 7,
    options: { fineCodes: true, queries: randomRows(40 * 7, 21), calibrate: "quick" },
    calibratedOn: "queries",
  },
  "pq f32 with outliers, calibrated on stand-ins": {
    itemCount: 450,
    dim: 5,
    options: { quantizer: "pq", rowType: "f32", bits: 2, calibrate: "quick" },
    calibratedOn: "stand-ins",
  },
  "no class": { itemCount: 0, dim: 3, options: {} },
};

/** Classes of a history that grows or is cut, modulo the number of classes. */
const HISTORY = Array.from({ length: 12 }, (_, i) => i * i * 31);

const SEQUENCES = EVERY ? 4 : 2;
const CALLS = 25;

/** Choices made from a sequence of uniform numbers. */
class Choices {
  readonly #numbers: Float32Array;
  #next = 0;

  constructor(seed: number) {
    this.#numbers = randomRows(4000, seed);
  }

  /** The kind of conditions that the last call had. */
  kind = 0;

  below(limit: number): number {
    return Math.floor((((this.#numbers[this.#next++ % 4000] as number) + 1) / 2) * limit) % Math.max(1, limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** `count` ids of classes, with repetitions. */
  ids(itemCount: number, count: number): number[] {
    return itemCount === 0 ? [] : Array.from({ length: count }, () => this.below(itemCount));
  }
}

/** Penalties of a history that grows or is cut, with the same or other numbers. */
const penalties = (choices: Choices, itemCount: number): object => ({
  history: HISTORY.slice(0, choices.below(HISTORY.length)).map((number) => number % itemCount),
  repetitionPenalty: choices.of([1, 1.3]),
  frequencyPenalty: choices.of([0, 0.5, -2]),
});

/** Biases of a few classes, −∞ among them. */
function biases(choices: Choices, itemCount: number): object {
  const ids = [...new Set(choices.ids(itemCount, choices.of([1, 6])))];
  return { bias: { ids, values: ids.map(() => choices.of([-2, 0, 5, Number.NEGATIVE_INFINITY])) } };
}

/** Conditions of any kind, and often of the kind of the call before with other values. */
function conditions(choices: Choices, itemCount: number): object {
  const ids = (count: number) => choices.ids(itemCount, count);
  const kinds: readonly (() => object)[] = [
    () => ({}),
    () => ({}),
    () => ({ exclude: HISTORY.slice(0, choices.below(HISTORY.length)).map((number) => number % itemCount) }),
    () => ({ allow: ids(5), exclude: ids(30) }),
    () => ({ temperature: choices.of([0.5, 1, 3]), exclude: ids(2) }),
    () => ({ temperature: choices.of([0.03, 0.5, 0.6, 0.8, 1, 1.3, 3]) }),
    () => ({ exclude: choices.ids(itemCount, choices.of([1, 20])) }),
    () => ({ allow: choices.ids(itemCount, choices.of([0, 3, 90])) }),
    () => ({ allow: { bitmap: new Uint8Array(Math.ceil(itemCount / 8)).fill(0b10110111) }, temperature: 0.7 }),
    () => penalties(choices, itemCount),
    () => ({ ...penalties(choices, itemCount), ...biases(choices, itemCount), exclude: ids(9) }),
    () => ({ ...biases(choices, itemCount), allow: ids(40), temperature: choices.of([0.5, 1]) }),
    () => ({ history: ids(60), presencePenalty: choices.below(3) }),
  ];
  if (choices.below(2) === 0) choices.kind = choices.below(kinds.length);
  return (kinds[choices.kind] as () => object)();
}

/** The options for head and tail that every call but topK takes. */
const proposal = (choices: Choices, hasFineCodes: boolean): object =>
  choices.of<object>([
    {},
    { scan: 0 },
    { scan: 16 },
    hasFineCodes ? { proposal: "codes", scan: choices.of([0, 10]) } : { scan: 7 },
  ]);

function estimate(choices: Choices, hasFineCodes: boolean): object {
  const draws = choices.of([0, 1, 40]);
  return choices.of<object>([
    { exact: true },
    { scan: "auto", targetError: choices.of([0, 0.02, 1]), draws },
    { ...proposal(choices, hasFineCodes), draws },
  ]);
}

function top(choices: Choices, hasFineCodes: boolean): object {
  return choices.of<object>([
    { exact: true },
    { scan: choices.of([0, 5, 16]) },
    {},
    hasFineCodes ? { recall: choices.of([0.5, 1]) } : {},
    hasFineCodes ? { rescore: choices.of([0, 3, 16]), scan: choices.of([0, 50, 5000]) } : {},
  ]);
}

/** A chain of decoding, at the temperature of the conditions or greedy. */
function decoding(choices: Choices, conditions: object): object {
  const chain = choices.of<object>([
    {},
    { topK: choices.of([1, 7, 64]) },
    { minP: choices.of([1e-9, 0.2]) },
    { topP: choices.of([0.3, 0.9]), targetError: choices.of([0, 1]) },
    {
      topK: 20,
      topP: 0.8,
      order: choices.of([
        ["topK", "topP"],
        ["topP", "topK", "temperature"],
      ]),
    },
    "temperature" in conditions ? {} : { temperature: 0 },
  ]);
  const certain = "targetError" in chain ? {} : { certain: true };
  return { ...chain, ...choices.of<object>([{}, {}, certain, { topLogProbabilities: 3 }]) };
}

type Call = (index: MultiIndex) => unknown;

/** Any call of an index, with any of its options. */
function anyCall(choices: Choices, { itemCount, dim, options }: Subject): readonly [name: string, call: Call] {
  const hasFineCodes = options.fineCodes === true;
  const count = choices.of([undefined, undefined, 0, 1, 2]);
  const size = choices.of([0, 0.3, 3, 40]);
  const query = randomRows((count ?? 1) * dim, 1000 + choices.below(50)).map((value) => size * value);
  const batch = count === undefined ? {} : { batch: count };
  const seed = choices.below(5);
  const k = choices.of([0, 1, 10, 40]);
  const ids = choices.ids(itemCount, choices.of([0, 1, 30]));
  const ofEach = count !== undefined && choices.below(3) === 0;
  const own = ofEach
    ? { ...batch, conditions: Array.from({ length: count }, () => conditions(choices, itemCount)) }
    : { ...conditions(choices, itemCount), ...batch };
  const calls: Record<string, () => Call> = {
    topK: () =>
      fixed(top(choices, hasFineCodes), (given) => (on) => on.topK(query, k, { ...own, ...given } as TopKOptions)),
    predict: () =>
      fixed(estimate(choices, hasFineCodes), (given) => (on) => on.predict(query, k, { ...own, ...given, seed })),
    logPartition: () =>
      fixed(
        { ...estimate(choices, hasFineCodes), tolerance: choices.of([0, 0.5, 100]) },
        (given) => (on) => on.logPartition(query, { ...own, ...given, seed }),
      ),
    logProbability: () =>
      fixed(
        estimate(choices, hasFineCodes),
        (given) => (on) => on.logProbability(query, ids, { ...own, ...given, seed }),
      ),
    sample: () =>
      fixed(
        choices.of([{ exact: true as const }, proposal(choices, hasFineCodes)]),
        (given) => (on) => on.sample(query, choicesOfDraws(seed), { ...own, ...given, seed }),
      ),
    sampleTopK: () =>
      fixed(
        choices.of([{ exact: true }, {}, { scan: 16 }]),
        (given) => (on) => on.sampleTopK(query, k, { ...own, ...given, seed }),
      ),
    diverse: () =>
      fixed(
        { ...top(choices, hasFineCodes), diversity: { lambda: choices.of([0, 0.5, 1]) } },
        (given) => (on) => on.topK(query, k, { ...own, ...given } as TopKOptions),
      ),
    explore: () =>
      fixed(
        {
          ...proposal(choices, hasFineCodes),
          mixture: choices.of([
            { uniform: 0.5 },
            { popularity: { share: 0.5, power: choices.of([0.5, 2]) } },
            { uniform: 0.2, popularity: { share: 0.7 } },
          ]),
        },
        (given) => (on) => [
          on.sample(query, choicesOfDraws(seed), { ...own, ...given, seed }),
          on.logQ(query, ids, { ...own, ...given } as never),
        ],
      ),
    slate: () =>
      fixed(
        choices.of([{ exact: true }, proposal(choices, hasFineCodes)]),
        (given) => (on) => on.slateLogProbability(query, [...new Set(ids)], { ...own, ...given } as never),
      ),
    decode: () => fixed(decoding(choices, own), (given) => (on) => on.decode(query, { ...own, ...given, seed })),
    score: () => (on) => on.score(query, ids, { ...batch } as never),
    logQ: () =>
      fixed(proposal(choices, hasFineCodes), (given) => (on) => on.logQ(query, ids, { ...own, ...given } as never)),
    encode: () => (on) => on.encode(["a", 1, "c"], { weights: [size, 1, -1] }),
    labels: () => (on) => on.idsOf(on.labels(ids)),
  };
  const name = choices.of(Object.keys(calls));
  return [name, (calls[name] as () => Call)()];
}

const fixed = (given: object, call: (given: object) => Call): Call => call(given);
const choicesOfDraws = (seed: number): number => [0, 1, 30, 30, 0][seed] as number;

const LIMITS: Partial<Limits> = { maxK: 64, maxDraws: 64, maxBatch: 4 };

describe.each(Object.entries(SUBJECTS))("%s", (_, subject) => {
  const { itemCount, dim, options, limits, kernels, calibratedOn } = subject;
  const building = (async () => {
    const vectors = rawVectors(itemCount, dim, 5);
    const labels = Array.from({ length: itemCount }, (_, id) => `class ${id}`);
    const features: FeatureTable = { data: randomRows(3 * dim, 8), shape: [3, dim], labels: ["a", "b", "c"] };
    return build(vectors, { bias: vectors.bias, labels, features, seed: 1, calibrate: "off", ...options });
  })();
  const fresh = async (): Promise<MultiIndex> => (await open(await building, { ...LIMITS, ...limits }, kernels)).index;

  if (calibratedOn) {
    test("is what its name says", async () => {
      const { outlierCount, calibration } = (await fresh()).info;
      expect(outlierCount).toBe(itemCount >> 3);
      expect(calibration).toMatchObject({ calibrated: true, source: calibratedOn });
    });
  }

  test("answers every call as a fresh index does", async () => {
    for (let sequence = 0; sequence < SEQUENCES; sequence++) {
      const choices = new Choices(100 * sequence + itemCount);
      const asked = await fresh();
      const before: string[] = [];
      for (let n = 0; n < CALLS; n++) {
        const [name, call] = anyCall(choices, subject);
        const [here, there] = [asked, await fresh()].map((index) => outcome(index, call));
        expect(here, `${name} after ${before.slice(-3).join(", ")}`).toEqual(there);
        before.push(name);
      }
    }
  });
});

/** Returns the answer, or the message of the error. */
function outcome(index: MultiIndex, call: Call): unknown {
  try {
    return call(index);
  } catch (error) {
    return String(error);
  }
}

test("k of 0 gives no class, whatever call came before", async () => {
  const vectors = rawVectors(300, 4, 6);
  const { index } = await open(await build(vectors, { fineCodes: true, calibrate: "off" }));
  const [query] = vectors.queries as [Float32Array];
  for (const options of [{ exact: true }, { scan: 10 }, { rescore: 5 }, { recall: 1 }]) {
    index.topK(query, 10);
    expect(index.topK(query, 0, options).ids).toEqual(new Int32Array(0));
  }
});

test("exact top k by fine codes finds classes that the filter of the call before left out", async () => {
  const vectors = rawVectors(500, 9, 6);
  const options = { fineCodes: true, calibrate: "off", quantizer: "pq", rowType: "f16", seed: 1 } as const;
  const file = await build(vectors, options);
  const [{ index: asked }, { index: fresh }] = [await open(file), await open(file)];
  for (const query of vectors.queries as Float32Array[]) {
    const best = fresh.topK(query, 20, { exact: true });
    asked.predict(query, 1, { exclude: best.ids });
    expect(asked.topK(query, 20, { exact: true })).toEqual(best);
  }
});
