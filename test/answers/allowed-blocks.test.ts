import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { headHoldsAllowed, mostScored, SMALL_ALLOW, streamsAllowed } from "../../src/answers/allowed-head.ts";
import type { Draws } from "../../src/answers/answers.ts";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { read } from "../../src/memory/opened-index.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { EVERY } from "../run/size.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { logPartitionInFloat64 } from "../statistics/float64-partition.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

// Classes that `allow` leaves, where they are too many for the list of a head, are scored in blocks of positions.

const N = 140_000;
const vectors = rawVectors(N, 4, 4);
const [query, other] = vectors.queries as [Float32Array, Float32Array];

const bitmapOf = (holds: (id: number) => boolean): Uint8Array => {
  const bitmap = new Uint8Array(Math.ceil(N / 8));
  for (let id = 0; id < N; id++) if (holds(id)) (bitmap[id >> 3] as number) |= 1 << (id & 7);
  return bitmap;
};
const isSome = (id: number): boolean => id % 17 === 0;
const SOME = { allow: { bitmap: bitmapOf(isSome) } };
const idsWhere = (holds: (id: number) => boolean): number[] => Array.from({ length: N }, (_, id) => id).filter(holds);
const HISTORY = [1, 17, 18, 34, 34, 4, 5];
const isOther = (id: number): boolean => id % 33 < 2;

/** The conditions, and the classes that they leave. */
const CONDITIONS: Record<string, readonly [options: ConditionOptions, left: number[]]> = {
  "a bitmap": [SOME, idsWhere(isSome)],
  "a list but for some, T = .6": [
    { allow: idsWhere(isOther), exclude: [0, 34, 7], temperature: 0.6 },
    idsWhere((id) => isOther(id) && id !== 0 && id !== 34),
  ],
};

const BUILDS: readonly BuildOptions[] = [
  { rowType: "i8", fineCodes: true },
  { rowType: "f16" },
  ...(EVERY ? [{ rowType: "f32", metric: "cosine" } as const] : []),
];
const building = BUILDS.map((options) => buildIndex(vectors, { bias: vectors.bias, seed: 1, bits: 7, ...options }));

describe.each(BUILDS.map((options, i) => ({ options, place: i })))("$options", ({ place }) => {
  const built = building[place] as (typeof building)[number];
  const storing = built.then((file) => storedIndex(file));

  test.each(Object.entries(CONDITIONS))("answers are those of brute force: %s", async (_, [conditions, left]) => {
    const file = await built;
    const { index, opened } = await open(file);
    const { temperature = 1 } = conditions;
    const { length: n } = left;
    const isLeft = new Set(left);
    const scores = index.score(query, left);
    const logits = Array.from(scores, (score) => score / temperature);
    const logZ = logSumExp(logits);
    const order = [...left.keys()].sort(
      (a, b) => (logits[b] as number) - (logits[a] as number) || (left[a] as number) - (left[b] as number),
    );
    const best = Int32Array.from(order.slice(0, 5), (i) => left[i] as number);
    const tolerance = 2e-5;
    const inFloat64 = logPartitionInFloat64(await storing, query, temperature, (id) => isLeft.has(id));

    // Without a scan, fine codes answer topK.
    for (const effort of [{ scan: 16 }, { scan: 0 }, { exact: true }]) {
      const top = index.topK(query, 5, { ...conditions, ...effort });
      expect(streamsAllowed(opened, 0)).toBe(true);
      expect(top).toEqual({ ids: best, scores: index.score(query, best), exact: true, scored: n });
    }
    for (const effort of [{}, { scan: 0, draws: 0 }, { exact: true }, { scan: "auto", targetError: 0.5 }] as const) {
      const given = { ...conditions, ...effort, seed: 1 };
      const predicted = index.predict(query, 5, given);
      expect(predicted.ids).toEqual(best);
      expect(Math.abs(predicted.logPartition - logZ)).toBeLessThan(tolerance);
      expect(predicted).toMatchObject({ exact: true, scored: n, lowEss: false, modelError: 0 });
      const { logPartition, lower, upper, scored } = index.logPartition(query, given);
      expect(lower).toBeLessThanOrEqual(inFloat64);
      expect(upper).toBeGreaterThanOrEqual(inFloat64);
      expect(Math.abs(logPartition - logZ)).toBeLessThan(tolerance);
      expect(scored).toBe(n);
    }
    const logQ = index.logQ(query, [...left, 69_999], conditions);
    const distances = logits.map((logit, i) => Math.abs((logQ[i] as number) - (logit - logZ)));
    expect(distances.findIndex((distance) => !(distance < 2e-5))).toBe(-1);
    expect(logQ[n]).toBe(Number.NEGATIVE_INFINITY);
  });

  test("answers are those of a head that lists all of the classes", async () => {
    const file = await built;
    const [streamed, listed] = [await open(file), await open(file, { maxScan: N })];
    const bias = { ids: [1, 17, 6], values: [2, Number.NEGATIVE_INFINITY, 3] };
    const changed = { ...SOME, bias, history: HISTORY, repetitionPenalty: 1.3, frequencyPenalty: 0.2 };
    const slate = [17, 1, 34, 51, 68_000];
    for (const conditions of [SOME, { ...SOME, temperature: 0.7, exclude: [17, 34] }, changed]) {
      const given = { ...conditions, seed: 5 };
      const many = { scan: N };
      const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThan(1e-5);
      const [a, b] = [streamed.index.predict(query, 9, given), listed.index.predict(query, 9, { ...given, ...many })];
      expect(streamsAllowed(streamed.opened, 0)).toBe(true);
      expect(streamsAllowed(listed.opened, N)).toBe(false);
      expect(headHoldsAllowed(listed.opened, N)).toBe(true);
      expect([a.ids, a.scores, a.scored, a.exact]).toEqual([b.ids, b.scores, b.scored, true]);
      near(a.logPartition, b.logPartition);
      near(a.standardError, b.standardError);
      for (const mixture of [undefined, { uniform: 0.3 }]) {
        const drawn = (index: MultiIndex, scan?: number): Draws =>
          index.sample(other, 300, { ...given, ...(scan && { scan }), ...(mixture && { mixture }) });
        const [here, there] = [drawn(streamed.index), drawn(listed.index, N)];
        expect(here.ids).toEqual(there.ids);
        for (const [i, log] of here.logQ.entries()) near(log, there.logQ[i] as number);
      }
      const exactly = streamed.index.sample(other, 300, { ...given, exact: true });
      expect(exactly.ids).toEqual(streamed.index.sample(other, 300, given).ids);
      const [keys, sameKeys] = [
        streamed.index.sampleTopK(other, 40, given),
        listed.index.sampleTopK(other, 40, { ...given, ...many }),
      ];
      expect(keys).toEqual(sameKeys);
      const one = streamed.index.slateLogProbability(other, slate, conditions);
      const two = listed.index.slateLogProbability(other, slate, { ...conditions, ...many });
      for (const [i, log] of one.logProbabilities.entries()) {
        if (log > Number.NEGATIVE_INFINITY) near(log, two.logProbabilities[i] as number);
        else expect(two.logProbabilities[i]).toBe(log);
      }
      for (const chain of [{}, { topK: 20, minP: 0.001 }, { topP: 0.8 }]) {
        const [token, same] = [streamed, listed].map(({ index }) => index.decode(other, { ...given, ...chain }));
        expect([token?.id, token?.kept, token?.certain]).toEqual([same?.id, same?.kept, true]);
        near(token?.logProbability as number, same?.logProbability as number);
      }
    }
  });

  test("no answer depends on the calls before, and batches answer like single calls", async () => {
    const file = await built;
    const both = Float32Array.of(...query, ...other);
    const calls = [
      (conditions: ConditionOptions) => ({ ...conditions, seed: 3 }),
      (conditions: ConditionOptions) => ({ ...conditions, temperature: 0.7, seed: 3 }),
    ];
    const asked = (await open(file)).index;
    for (const [, [conditions]] of Object.entries(CONDITIONS)) {
      for (const optionsOf of calls) {
        const given = optionsOf(conditions);
        const fresh = (await open(file)).index;
        asked.predict(other, 3, { allow: [1, 2, 900], seed: 1 });
        asked.sample(other, 8, { exclude: [4], temperature: 2, seed: 1 });
        const single = [query, other].map((each) => fresh.predict(each, 5, given));
        expect(asked.predict(both, 5, { ...given, batch: 2 })).toEqual(single);
        expect(asked.sampleTopK(both, 5, { ...given, batch: 2 })).toEqual(
          [query, other].map((each) => fresh.sampleTopK(each, 5, given)),
        );
        expect(asked.sample(query, 20, given)).toEqual(fresh.sample(query, 20, given));
        const { seed, ...own } = given;
        const eachOwn = [own, { allow: [5, 6] }];
        expect(asked.predict(both, 5, { batch: 2, conditions: eachOwn, seed })[0]).toEqual(single[0]);
      }
    }
  });
});

test("draws have the probabilities of the softmax over the classes that are left, in all blocks", async () => {
  const { index, opened } = await open(await (building[1] as (typeof building)[number]), { maxDraws: 20_000 });
  const left = idsWhere(isSome);
  const given = { ...SOME, temperature: 2 };
  const chances = index.logQ(other, left, given).map(Math.exp);
  expect(Math.abs(chances.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-4);
  const { ids } = index.sample(other, 20_000, { ...given, seed: 9 });
  expect(read(opened, structs.SEARCH_HEAD_COUNT)).toBe(left.length);
  // Cells are classes next to one another in the file, so that each is of few blocks.
  const positions = new Int32Array(opened.kernels.memory.buffer, opened.plan.regions.positions, N);
  const cellOf = (id: number): number => (positions[id] as number) >> 11;
  const [counts, expected] = [new Float64Array((N >> 11) + 1), new Float64Array((N >> 11) + 1)];
  for (const id of ids) (counts[cellOf(id)] as number) += 1;
  for (const [i, id] of left.entries()) (expected[cellOf(id)] as number) += chances[i] as number;
  const drawn = new Float64Array(N);
  for (const id of ids) (drawn[id] as number) += 1;
  const ofClasses = left.map((id) => drawn[id] as number);
  for (const [observed, probabilities] of [
    [counts, expected],
    [ofClasses, chances],
  ] as const) {
    const fit = goodnessOfFit(observed, probabilities);
    expect(fit.degrees).toBeGreaterThan(10);
    expect(fit.g).toBeLessThan(fit.high);
  }
});

describe("the rule", () => {
  const facts = { dim: 64, rows: "i8", itemCount: 1_000_000, bucketCount: 25_404 } as const;

  test("compares what is read: rows with two cache lines each, or buckets and portions", () => {
    expect(mostScored(facts)).toBe(Math.floor((128 * 25_404 + 8 * 1_000_000) / (64 + 128)));
    expect(mostScored({ ...facts, rows: "f32", dim: 768 })).toBe(SMALL_ALLOW);
    // Never as many as a bitmap thins out.
    expect(mostScored({ ...facts, itemCount: 100_000, bucketCount: 20_225 })).toBe(12_499);
    expect(mostScored({ ...facts, itemCount: 100 })).toBe(SMALL_ALLOW);
  });

  test("scores as many classes as it says, and no more", async () => {
    const { index, opened } = await open(await (building[1] as (typeof building)[number]));
    const most = mostScored(opened.header.facts);
    expect(most).toBeGreaterThan(SMALL_ALLOW);
    for (const [count, exact] of [
      [SMALL_ALLOW, false],
      [SMALL_ALLOW + 1, true],
      [most, true],
      [most + 1, false],
    ] as const) {
      const allow = { bitmap: bitmapOf((id) => id < count) };
      const answer = index.predict(query, 3, { allow, seed: 1, draws: 8 });
      expect([answer.exact, answer.scored === count]).toEqual([exact, exact]);
      expect(index.topK(query, 3, { allow, exact: true }).ids).toEqual(index.topK(query, 3, { allow, scan: 1024 }).ids);
    }
  });
});
