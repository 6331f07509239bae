import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { SlateProbability } from "../../src/answers/answers.ts";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { applyChanges, savedChanges } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";
import {
  type Base,
  bases,
  classesAfter,
  type Entry,
  labelOf,
  logits,
  type Opening,
  openBase,
  openChanged,
  setsOf,
} from "./catalogue.ts";

// A log of changes against a Map, with brute force in float64 over the rows as the index stores them.

let all: Base[];
beforeAll(async () => {
  all = await bases();
});

/** The input of a run: a file, a log, where it is cut into sets, a query, and the conditions of the calls. */
interface Case {
  readonly base: Base;
  readonly opening: Opening;
  readonly log: readonly Entry[];
  readonly cuts: ReadonlySet<number>;
  readonly query: Float32Array;
  readonly options: ConditionOptions;
  readonly seed: number;
}

const RUNS = { numRuns: Number(process.env.MIDX_CHANGES ?? (EVERY ? 25 : 12)), seed: 22 };

const cases = (): fc.Arbitrary<Case> =>
  fc
    .record({
      place: fc.nat(all.length - 1),
      steps: fc.array(fc.record({ pick: fc.nat(40), isRemoval: fc.boolean(), seed: fc.nat(1e6) }), { maxLength: 40 }),
      cuts: fc.uniqueArray(fc.nat(39)),
      seed: fc.nat(1e6),
      temperature: fc.constantFrom(1, 0.5, 3),
      filter: fc.constantFrom("none", "exclude", "allow", "bitmap", "short bitmap"),
      changed: fc.boolean(),
      opening: fc.record({ maxScan: fc.constantFrom(1024, 8), build: fc.constantFrom("release", "relaxed") }),
    })
    .map(({ place, steps, cuts, seed, temperature, filter, changed, opening }) => {
      const base = all[place] as Base;
      const log = entriesOf(base, steps);
      const ids = [...new Set([...base.labels, ...log.flatMap(({ label, row }) => (row ? [label] : []))]).keys()]
        .length;
      const some = Array.from({ length: ids }, (_, id) => id).filter(
        (id) => (id * 7 + seed) % 3 === 0 || id >= base.itemCount,
      );
      const bitmap = new Uint8Array(Math.ceil(ids / 8));
      for (const id of some) bitmap[id >> 3] = (bitmap[id >> 3] as number) | (1 << (id & 7));
      const filters: Record<typeof filter, ConditionOptions> = {
        none: {},
        exclude: { exclude: some.filter((id) => id % 2 === 1) },
        allow: { allow: some },
        bitmap: { allow: { bitmap } },
        "short bitmap": { allow: { bitmap: bitmap.slice(0, Math.ceil(base.itemCount / 8)) } },
      };
      const biased = [0, 5, ids - 1].filter((id, i, list) => list.indexOf(id) === i);
      const changes = changed
        ? {
            bias: { ids: biased, values: biased.map((id) => (id % 3) - 1) },
            history: [1, ids - 1],
            presencePenalty: 0.5,
          }
        : {};
      const options = { temperature, ...filters[filter], ...changes };
      const query = randomRows(base.dim, seed).map((value) => 3 * value);
      // A counterexample shows the name of the file alone.
      return Object.defineProperty(
        { name: base.name, opening, log, cuts: new Set(cuts), query, options, seed },
        "base",
        {
          value: base,
          enumerable: false,
        },
      ) as unknown as Case;
    });

/** Names labels of the file and new ones, few enough that they come again. */
function entriesOf(
  base: Base,
  steps: readonly { readonly pick: number; readonly isRemoval: boolean; readonly seed: number }[],
): Entry[] {
  const hasLabels = base.labels[0] !== "0";
  let known = base.itemCount;
  const fresh = new Map<number, string>();
  return steps.map(({ pick, isRemoval, seed }) => {
    let label = base.labels[pick % base.itemCount] as string;
    if (pick > 20) {
      if (!fresh.has(pick) && isRemoval) return { label: "nobody" };
      if (!fresh.has(pick)) fresh.set(pick, hasLabels ? labelOf(2000 + pick) : String(known++));
      label = fresh.get(pick) as string;
    }
    if (isRemoval) return { label };
    return { label, row: randomRows(base.dim, seed).map((value) => 1.5 * value), bias: (seed % 300) / 150 - 1 };
  });
}

/** The logits of the classes that take part, under the conditions. */
function takingPart(index: MultiIndex, { base, log, query, options }: Case): Map<number, number> {
  const { exclude, allow, bias, history, presencePenalty = 0 } = options;
  const isIn = (id: number): boolean => {
    if (exclude && Array.from(exclude).includes(id)) return false;
    if (allow === undefined) return true;
    if ("bitmap" in allow) return (((allow.bitmap[id >> 3] ?? 0) >> (id & 7)) & 1) === 1;
    return Array.from(allow).includes(id);
  };
  return new Map(
    [...logits(index, base, log, query)].flatMap(([id, logit]) => {
      if (!isIn(id)) return [];
      const at = bias ? Array.from(bias.ids).indexOf(id) : -1;
      const biased = logit + (at >= 0 ? (bias?.values[at] as number) : 0);
      const isSeen = history !== undefined && Array.from(history).includes(id);
      return [[id, isSeen ? biased - presencePenalty : biased]];
    }),
  );
}

const logSum = (values: readonly number[]): number => {
  const top = Math.max(...values);
  return values.length === 0 ? top : top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
};

/** Enough queries for them to read rows together. */
const BATCH = 5;
const batchOf = (query: Float32Array): Float32Array =>
  Float32Array.from({ length: BATCH * query.length }, (_, i) => query[i % query.length] as number);

/** Three of the best classes, from the third to the first, and at the end one that takes no part, if there is any. */
function slateFrom(best: ArrayLike<number>, ids: readonly number[]): number[] {
  const takesPart = new Set(Array.from(best));
  return [...Array.from(best).slice(0, 3).reverse(), ...ids.filter((id) => !takesPart.has(id)).slice(0, 1)];
}

/** Compares the probabilities of a slate with those of drawing its classes one after the other, without replacement. */
function compareSlate(
  { logProbability, logProbabilities }: SlateProbability,
  slate: readonly number[],
  logs: ReadonlyMap<number, number>,
): void {
  const left = new Map(logs);
  let total = 0;
  for (const [i, id] of slate.entries()) {
    const log = left.has(id) ? (left.get(id) as number) - logSum([...left.values()]) : Number.NEGATIVE_INFINITY;
    if (log === Number.NEGATIVE_INFINITY) expect(logProbabilities[i]).toBe(log);
    else expect(Math.abs((logProbabilities[i] as number) - log), `class ${id}`).toBeLessThan(2e-3);
    left.delete(id);
    total += logProbabilities[i] as number;
  }
  expect(logProbability).toBeCloseTo(total, 9);
}

/** Every answer to one query, which a changed index must give with the same bits however it came about. */
function answersOf(index: MultiIndex, { query, options, seed }: Case) {
  const ids = Array.from({ length: index.info.itemCount }, (_, id) => id);
  const { hasFineCodes, hasBias } = index.info;
  const mixture = { uniform: 0.2, ...(hasBias && { popularity: { share: 0.1, power: 0.5 } }) };
  const efforts = [{}, { scan: 0 }, { scan: 5 }, ...(hasFineCodes ? [{ proposal: "codes", scan: 4 } as const] : [])];
  const exactTop = index.topK(query, ids.length, { ...options, exact: true });
  const slate = slateFrom(exactTop.ids, ids);
  return {
    top: index.topK(query, 9, options),
    exactTop,
    predictions: efforts.map((effort) => index.predict(query, 7, { ...options, ...effort, draws: 20, seed })),
    auto: index.predict(query, 7, { ...options, scan: "auto", targetError: 0.05, seed }),
    partitions: efforts.map((effort) => index.logPartition(query, { ...options, ...effort, draws: 20, seed })),
    exactPartition: index.logPartition(query, { ...options, exact: true, seed }),
    narrow: index.logPartition(query, { ...options, tolerance: 0.1, draws: 20, seed }),
    logProbability: index.logProbability(query, ids, { ...options, exact: true, seed }),
    samples: efforts.map((effort) => index.sample(query, 12, { ...options, ...effort, seed })),
    exactSample: index.sample(query, 12, { ...options, exact: true, seed }),
    mixed: index.sample(query, 12, { ...options, mixture, seed }),
    logQ: efforts.map((effort) => index.logQ(query, ids, { ...options, ...effort })),
    mixedLogQ: index.logQ(query, ids, { ...options, mixture }),
    distinct: index.sampleTopK(query, 6, { ...options, scan: 5, seed }),
    exactDistinct: index.sampleTopK(query, 6, { ...options, exact: true, seed }),
    slates: efforts.map((effort) => index.slateLogProbability(query, slate, { ...options, ...effort })),
    exactSlate: index.slateLogProbability(query, slate, { ...options, exact: true }),
    diverse: index.topK(query, 4, { ...options, diversity: { lambda: 0.5 } }),
    decoded: [{ topK: 5 }, { minP: 0.05 }, { topP: 0.9 }, {}].map((chain) =>
      index.decode(query, { ...options, ...chain, seed }),
    ),
    batch: index.topK(batchOf(query), 5, { ...options, exact: true, batch: BATCH }),
    predictedBatch: index.predict(batchOf(query), 7, { ...options, draws: 20, seed, batch: BATCH }),
  };
}

/** Asks as other calls would, which may leave no class. */
function askOf(index: MultiIndex, { base, query }: Case, options: ConditionOptions): void {
  const popularity = { share: 0.1, power: 0.5 };
  index.predict(query, 5, { ...options, seed: 1 });
  index.sampleTopK(query, 5, { ...options, scan: 5, seed: 1 });
  index.logPartition(query, { ...options, exact: true, seed: 1 });
  if ((index.info.changes?.classCount ?? 0) > 2) {
    index.sample(query, 3, { ...options, mixture: { uniform: 0.1, ...(base.biases && { popularity }) }, seed: 1 });
  }
}

const idsIn = (answers: ReturnType<typeof answersOf>): number[] => [
  ...answers.top.ids,
  ...answers.exactTop.ids,
  ...[...answers.predictions, answers.auto, answers.diverse, ...answers.batch].flatMap(({ ids }) => [...ids]),
  ...[...answers.samples, answers.exactSample, answers.mixed].flatMap(({ ids }) => [...ids]),
  ...[answers.distinct, answers.exactDistinct].flatMap(({ ids }) => [...ids]),
  ...answers.decoded.map(({ id }) => id),
];

test("answers are those of the classes that the changes leave", async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async (run) => {
      const { index } = await openChanged(run.base, run.opening, run.log, run.cuts);
      const live = classesAfter(run.base, run.log);
      const expected = takingPart(index, run);
      fc.pre(expected.size > 0);
      expect(index.info.changes?.classCount).toBe(live.size);
      const answers = answersOf(index, run);
      for (const id of idsIn(answers)) expect(expected.has(id), `class ${id}`).toBe(true);
      // All classes are found, with scores that are right to f32, best first.
      expect([...answers.exactTop.ids].sort((a, b) => a - b)).toEqual([...expected.keys()].sort((a, b) => a - b));
      const single = index.topK(run.query, 5, { ...run.options, exact: true });
      for (const [i, together] of answers.batch.entries()) {
        expect(together).toEqual(single);
        expect(answers.predictedBatch[i]).toEqual(answers.predictions[0]);
      }
      const { temperature = 1 } = run.options;
      const room = index.info.hasResiduals ? 0.1 : 2e-3; // topK ranks by refined rows
      for (const [i, id] of answers.exactTop.ids.entries()) {
        const error = (answers.exactTop.scores[i] as number) - (expected.get(id) as number);
        expect(Math.abs(error)).toBeLessThan(room);
      }
      const logZ = logSum([...expected.values()].map((logit) => logit / temperature));
      for (const { logPartition, lower, upper } of [...answers.partitions, answers.exactPartition, answers.narrow]) {
        expect(lower).toBeLessThanOrEqual(logZ);
        expect(upper).toBeGreaterThanOrEqual(logZ);
        expect(logPartition).toBeGreaterThan(logZ - 40);
      }
      expect(answers.exactPartition.logPartition).toBeCloseTo(logZ, 3);
      for (const logQ of [...answers.logQ, answers.mixedLogQ]) {
        let sum = 0;
        for (const [id, log] of logQ.entries()) {
          if (!expected.has(id)) expect(log).toBe(Number.NEGATIVE_INFINITY);
          sum += Math.exp(log);
        }
        expect(sum).toBeCloseTo(1, 5);
      }
      const slate = slateFrom(answers.exactTop.ids, [...answers.logProbability.logProbabilities.keys()]);
      const tempered = new Map([...expected].map(([id, logit]) => [id, logit / temperature]));
      compareSlate(answers.exactSlate, slate, tempered);
      for (const [i, answer] of answers.slates.entries()) {
        const logQ = answers.logQ[i] as Float32Array;
        compareSlate(answer, slate, new Map(Array.from(expected.keys(), (id) => [id, logQ[id] as number])));
      }
      for (const [i, { ids, logQ }] of answers.samples.entries()) {
        for (const [j, id] of ids.entries()) expect(logQ[j]).toBe(answers.logQ[i]?.[id]);
      }
    }),
    RUNS,
  );
});

test("no bit depends on how changes were split into sets, saved or loaded", async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async (run) => {
      const atOnce = await openChanged(run.base, run.opening, run.log);
      fc.pre(takingPart(atOnce.index, run).size > 0);
      const split = await openBase(run.base, run.opening);
      for (const set of setsOf(run.base, run.log, run.cuts)) {
        applyChanges(split.index, set);
        // What was asked between leaves no trace.
        for (const options of [{}, { temperature: 0.5, exclude: [1] }]) askOf(split.index, run, options);
      }
      const restored = await openBase(run.base, run.opening);
      const saved = savedChanges(atOnce.index);
      applyChanges(restored.index, saved);
      expect(Buffer.compare(savedChanges(restored.index), saved)).toBe(0);
      const answers = answersOf(atOnce.index, run);
      expect(answersOf(split.index, run)).toEqual(answers);
      expect(answersOf(restored.index, run)).toEqual(answers);
      const ids = [...classesAfter(run.base, run.log).values()].map(({ id }) => id);
      expect(restored.index.rows(ids)).toEqual(split.index.rows(ids));
    }),
    RUNS,
  );
});
