import { isOfText } from "../../src/train/sequences/presets.ts";
import { deviationOf, meanOf } from "../mean-and-deviation.ts";
import { BASELINES, baselineRanks } from "./baselines.ts";
import { differenceOf } from "./difference.ts";
import { type Comparison, runsOf, SAMPLERS } from "./plan.ts";
import type { Compared, Contender, Entry, PairDifference, RankFigures } from "./result.ts";
import { readSet, type SetName } from "./sets.ts";
import { type Figures, finishedRun, type Trained } from "./training.ts";

const K = 10;
/** The figures of a rank. */
const FIGURES: Readonly<Record<keyof RankFigures, (rank: number) => number>> = {
  recall: (rank) => (rank < K ? 1 : 0),
  ndcg: (rank) => (rank < K ? 1 / Math.log2(rank + 2) : 0),
};
const NAMES = ["recall", "ndcg"] as const;

/** Returns what the finished runs of a comparison say. */
export function summaryOf(comparison: Comparison): Compared {
  const finished = runsOf(comparison).flatMap((run) => finishedRun(run) ?? []);
  const bySampler = SAMPLERS.map((sampler) => finished.filter((run) => run.sampler === sampler));
  const entries = bySampler.filter((runs) => runs.length > 0).map(entryOf);
  if (isOfText(comparison.preset)) return { ...comparison, baselines: [], entries, differences: [] };
  const ranks = ranksOfBaselines(comparison.set);
  const baselines = BASELINES.map((name) => ({
    name,
    recall: meanOf(ranks[name].map(FIGURES.recall)),
    ndcg: meanOf(ranks[name].map(FIGURES.ndcg)),
  }));
  const contenders = SAMPLERS.map((name, i) => ({ name, runs: bySampler[i] ?? [] }));
  return { ...comparison, baselines, entries, differences: differencesOf(contenders, ranks["item-to-item counts"]) };
}

const baselinesOfSets = new Map<SetName, ReturnType<typeof baselineRanks>>();

/** Returns the ranks of the baselines of a set. Several comparisons share them. */
function ranksOfBaselines(set: SetName): ReturnType<typeof baselineRanks> {
  const known = baselinesOfSets.get(set);
  if (known) return known;
  const { train, test } = readSet(set);
  const ranks = baselineRanks(train, test);
  baselinesOfSets.set(set, ranks);
  return ranks;
}

function entryOf(runs: readonly Trained[]): Entry {
  const { sampler, epochs } = runs[0] as Trained;
  const over = (summary: (values: number[]) => number, of: (run: Trained) => number | undefined): number =>
    summary(runs.map((run) => of(run) as number));
  const names = Object.keys((runs[0] as Trained).test) as (keyof Figures)[];
  const figures = (summary: (values: number[]) => number): Figures =>
    Object.fromEntries(names.map((name) => [name, over(summary, ({ test }) => test[name])])) as unknown as Figures;
  const byEpoch = (of: (passed: Trained["passed"][number]) => number | undefined): number[] =>
    Array.from({ length: epochs }, (_, i) => over(meanOf, ({ passed }) => of(passed[i] as Trained["passed"][number])));
  const isRanked = (runs[0] as Trained).passed[0]?.heldOutRanks !== undefined;
  return {
    ...{ sampler, seeds: runs.length, chosen: runs.map(({ epoch }) => epoch) },
    secondsPerEpoch: over(meanOf, ({ passed }) => meanOf(passed.map(({ seconds }) => seconds))),
    ...{ test: figures(meanOf), deviation: figures(deviationOf) },
    heldOutLoss: byEpoch(({ heldOutLoss }) => heldOutLoss),
    heldOutRecall: isRanked ? byEpoch(({ heldOutRanks }) => heldOutRanks?.recall) : [],
  };
}

interface Ranked {
  readonly name: Contender;
  readonly runs: readonly Trained[];
}

/** Pairs the runs by seed. Counts have the same ranks for every seed. */
function differencesOf(contenders: readonly Ranked[], counts: readonly number[]): PairDifference[] {
  return contenders.flatMap(({ name: a, runs }, i) => {
    const others = contenders.slice(i + 1).map(({ name: b, runs: others }) => {
      const shared = runs.filter(({ seed }) => others.some((other) => other.seed === seed));
      const of = (seed: number): readonly number[] => others.find((other) => other.seed === seed)?.ranks ?? [];
      return pairOf({ a, b }, shared, of);
    });
    return [...others, pairOf({ a, b: "item-to-item counts" }, runs, () => counts)].filter(({ seeds }) => seeds > 0);
  });
}

function pairOf(
  names: Pick<PairDifference, "a" | "b">,
  runs: readonly Trained[],
  ranksOf: (seed: number) => readonly number[],
): PairDifference {
  const [recall, ndcg] = NAMES.map((name) =>
    differenceOf(
      runs.map(({ ranks }) => ranks.map(FIGURES[name])),
      runs.map(({ seed }) => ranksOf(seed).map(FIGURES[name])),
    ),
  );
  return { ...names, seeds: runs.length, recall, ndcg } as PairDifference;
}
