import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { applyChanges, type ChangeSet, encodeChanges, savedChanges } from "../../../src/changes/index.ts";
import type { MultiIndex } from "../../../src/index/multi-index.ts";
import { type Compaction, compact } from "../../../src/train/compaction/index.ts";
import {
  type Base,
  bases,
  type Entry,
  labelOf,
  logits,
  type Opening,
  openBase,
  setsOf,
} from "../../changes/catalogue.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

// A compacted index against the changed one, by label, for every type of rows.

let all: Base[];
beforeAll(async () => {
  all = await bases();
});

interface Case {
  readonly base: Base;
  readonly log: readonly Entry[];
  readonly cuts: ReadonlySet<number>;
  /** The number of sets that are compacted first. */
  readonly first: number;
  readonly query: Float32Array;
  readonly seed: number;
}

const RUNS = { numRuns: Number(process.env.MIDX_CHANGES ?? 10), seed: 41 };
const OPENING: Opening = { maxScan: 1024, build: "release" };
const OPTIONS = { calibrate: "carry", labels: "ids" } as const;

const cases = (): fc.Arbitrary<Case> =>
  fc
    .record({
      place: fc.nat(all.length - 1),
      steps: fc.array(fc.record({ pick: fc.nat(40), isRemoval: fc.boolean(), seed: fc.nat(1e6) }), { maxLength: 40 }),
      cuts: fc.uniqueArray(fc.nat(39)),
      first: fc.nat(6),
      seed: fc.nat(1e6),
    })
    .map(({ place, steps, cuts, first, seed }) => {
      const base = all[place] as Base;
      const query = randomRows(base.dim, seed).map((value) => 3 * value);
      const run = { name: base.name, log: entriesOf(base, steps), cuts: new Set(cuts), first, query, seed };
      return Object.defineProperty(run, "base", { value: base, enumerable: false }) as unknown as Case;
    });

/** Names labels of the file and new ones, few enough that they come again. */
function entriesOf(
  base: Base,
  steps: readonly { readonly pick: number; readonly isRemoval: boolean; readonly seed: number }[],
): Entry[] {
  let known = base.itemCount;
  const fresh = new Map<number, string>();
  return steps.map(({ pick, isRemoval, seed }) => {
    let label = base.labels[pick] ?? "nobody";
    if (pick > 25) {
      if (!fresh.has(pick) && isRemoval) return { label: "nobody" };
      if (!fresh.has(pick)) fresh.set(pick, base.labels[0] === "0" ? String(known++) : labelOf(2000 + pick));
      label = fresh.get(pick) as string;
    }
    if (isRemoval || label === "nobody") return { label };
    return { label, row: randomRows(base.dim, seed).map((value) => 1.5 * value), bias: (seed % 300) / 150 - 1 };
  });
}

async function changedIndex(base: Base, sets: readonly ChangeSet[]): Promise<MultiIndex> {
  const { index } = await openBase(base, OPENING);
  for (const set of sets) applyChanges(index, set);
  return index;
}

const opened = async ({ file }: Pick<Compaction, "file">): Promise<MultiIndex> =>
  (await open(file, { maxDelta: 64, maxK: 1024 })).index;

/** The labels and scores of all classes, best first. Ids are labels where there are no others. */
function ranking(index: MultiIndex, query: Float32Array): [string, number][] {
  const { ids, scores } = index.topK(query, 1024, { exact: true });
  const labels = index.info.hasLabels ? index.labels(ids) : Array.from(ids, String);
  return labels.map((label, i) => [label, scores[i] as number]);
}

const logSum = (values: readonly number[]): number => {
  const top = Math.max(...values);
  return values.length === 0 ? top : top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
};

const logZOf = (index: MultiIndex, query: Float32Array, temperature: number): number =>
  index.logPartition(query, { exact: true, temperature, seed: 1 }).logPartition;

test("a compacted index has the classes, rows, scores and log Z of the changed one", async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async ({ base, log, cuts, query, seed }) => {
      const changed = await changedIndex(base, setsOf(base, log, cuts));
      const compaction = await compact(base.file, savedChanges(changed), OPTIONS);
      const index = await opened(compaction);
      const { report } = compaction;
      const count = changed.info.changes?.classCount ?? base.itemCount;
      expect(report).toMatchObject({ itemCount: count, sequence: changed.info.changes?.sequence ?? 0 });
      expect(report.kept + report.replaced + report.added).toBe(count);
      expect(report.kept + report.replaced + report.removed).toBe(base.itemCount);
      expect(index.info).toMatchObject({ itemCount: count, compaction: { calibration: "none" } });
      // Ties come in the same order, because ids keep theirs.
      expect(ranking(index, query)).toEqual(ranking(changed, query));
      for (const temperature of [1, 0.3]) {
        const difference = logZOf(index, query, temperature) - logZOf(changed, query, temperature);
        expect(Math.abs(difference)).toBeLessThan(2 ** -20);
      }
      const live = [...report.newIds.entries()].filter(([, newId]) => newId >= 0);
      const ids = live.map(([, newId]) => newId);
      expect(index.rows(ids)).toEqual(changed.rows(live.map(([id]) => id)));
      const logZ = logSum([...logits(changed, base, log, query).values()]); // in float64, of the stored rows
      const efforts = [
        {},
        { scan: 0 },
        { scan: 5 },
        ...(index.info.hasFineCodes ? [{ proposal: "codes" as const }] : []),
      ];
      for (const effort of efforts) {
        const logQ = index.logQ(query, ids, effort);
        expect(logQ.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 5);
        const { lower, upper } = index.logPartition(query, { ...effort, draws: 20, seed });
        expect(lower).toBeLessThanOrEqual(logZ);
        expect(upper).toBeGreaterThanOrEqual(logZ);
      }
    }),
    RUNS,
  );
});

test("the bytes do not depend on how changes are split, nor on the form in which they come", async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async ({ base, log, cuts }) => {
      const sets = setsOf(base, log, cuts);
      const { index } = await openBase(base, OPENING);
      const files = sets.map((set, after) => encodeChanges(index, set, { after }));
      const changed = await changedIndex(base, sets);
      const options = { ...OPTIONS, sequence: 99 };
      const { file } = await compact(base.file, savedChanges(changed), options);
      for (const given of [sets, files, setsOf(base, log, new Set())]) {
        expect(Buffer.compare((await compact(base.file, given, options)).file, file)).toBe(0);
      }
    }),
    RUNS,
  );
});

test("changes behind a compaction, applied or compacted, give what they give without it", async () => {
  await fc.assert(
    fc.asyncProperty(cases(), async ({ base, log, cuts, first, query }) => {
      const sets = setsOf(base, log, cuts);
      const [before, after] = [sets.slice(0, first), sets.slice(first)];
      const changed = await changedIndex(base, sets);
      const half = await compact(base.file, before, OPTIONS);
      const resumed = await opened(half);
      for (const set of after) applyChanges(resumed, set);
      const sequence = resumed.info.changes?.sequence ?? resumed.info.compaction?.sequence;
      expect(sequence).toBe(sets.length);
      const expected = new Map(ranking(changed, query));
      expect(new Map(ranking(resumed, query))).toEqual(expected);
      const chain = await compact(half.file, savedChanges(resumed), OPTIONS);
      expect(chain.report.sequence).toBe(sets.length);
      const atOnce = await compact(base.file, sets, OPTIONS);
      for (const { file } of [chain, atOnce]) {
        const index = await opened({ file });
        expect(new Map(ranking(index, query))).toEqual(expected);
        expect(Math.abs(logZOf(index, query, 1) - logZOf(changed, query, 1))).toBeLessThan(2 ** -20);
      }
    }),
    RUNS,
  );
});
