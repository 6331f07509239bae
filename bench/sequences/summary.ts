import { cpus } from "node:os";
import { BASELINES, baselineRanksIn } from "../../src/train/sequences/baselines.ts";
import { deviationOf, meanOf } from "../mean-and-deviation.ts";
import { differenceOf, meansOf } from "./difference.ts";
import { ALL_SAMPLERS, type Comparison, runsOf } from "./plan.ts";
import { askedOf, figureOf, type Protocol, protocolOf, type RankFigure } from "./protocols.ts";
import type { ByFigure, Compared, Contender, Entry, PairDifference } from "./result.ts";
import { readSet, type SetName } from "./sets.ts";
import { type Figures, finishedRun, type Trained } from "./training.ts";

const finishedRuns = (comparison: Comparison): Trained[] => runsOf(comparison).flatMap((run) => finishedRun(run) ?? []);

export const hasFinishedRun = (comparison: Comparison): boolean => finishedRuns(comparison).length > 0;

/** Returns what the finished runs of a comparison say. */
export function summaryOf(comparison: Comparison): Compared {
  const finished = finishedRuns(comparison);
  const bySampler = ALL_SAMPLERS.map((sampler) => finished.filter((run) => run.sampler === sampler));
  const entries = bySampler.filter((runs) => runs.length > 0).map(entryOf);
  const place = { machine: cpus()[0]?.model ?? "an unknown processor", node: process.version };
  const protocol = protocolOf(comparison.set);
  if (!protocol) return { ...comparison, ...place, baselines: [], entries, differences: [] };
  const { ranks, sizes } = baselinesOf(comparison.set, protocol);
  const baselines = BASELINES.map((name) => ({
    name,
    ...figuresBy(protocol, (figure) => meanOf(ranks[name].map((rank) => figureOf(figure, rank, protocol)))),
  }));
  const contenders = ALL_SAMPLERS.map((name, i) => ({ name, runs: bySampler[i] ?? [] }));
  const differences = differencesOf(contenders, ranks["item-to-item counts"], { protocol, sizes });
  return { ...comparison, ...place, baselines, entries, differences };
}

const figuresBy = <Value>({ figures }: Protocol, of: (figure: RankFigure) => Value): ByFigure<Value> =>
  Object.fromEntries(figures.map((figure) => [figure, of(figure)]));

interface Baselines {
  readonly ranks: ReturnType<ReturnType<typeof baselineRanksIn>>;
  /** The number of ranks of each sequence. */
  readonly sizes: readonly number[];
}

const baselinesOfSets = new Map<SetName, Baselines>();

/** Returns the ranks of the baselines of a set. Several comparisons share them. */
function baselinesOf(set: SetName, protocol: Protocol): Baselines {
  const known = baselinesOfSets.get(set);
  if (known) return known;
  const { train, test } = readSet(set);
  const asked = askedOf(test, protocol);
  const sizes = asked.map(({ length }) => length).filter((size) => size > 0);
  const found = { ranks: baselineRanksIn(train)(asked.flat(), protocol.withoutSeen), sizes };
  baselinesOfSets.set(set, found);
  return found;
}

function entryOf(runs: readonly Trained[]): Entry {
  const { sampler } = runs[0] as Trained;
  const epochs = Math.min(...runs.map(({ passed }) => passed.length)); // patience may end one before another
  const over = (summary: (values: number[]) => number, of: (run: Trained) => number | undefined): number =>
    summary(runs.map((run) => of(run) as number));
  const names = Object.keys((runs[0] as Trained).test) as (keyof Figures)[];
  const figures = (summary: (values: number[]) => number): Figures =>
    Object.fromEntries(names.map((name) => [name, over(summary, ({ test }) => test[name])])) as unknown as Figures;
  const byEpoch = (of: (passed: Trained["passed"][number]) => number | undefined): number[] =>
    Array.from({ length: epochs }, (_, i) => over(meanOf, ({ passed }) => of(passed[i] as Trained["passed"][number])));
  const isRanked = (runs[0] as Trained).passed[0]?.heldOutRanks !== undefined;
  return {
    sampler,
    seeds: runs.length,
    chosen: runs.map(({ epoch }) => epoch),
    secondsPerEpoch: over(meanOf, ({ passed }) => meanOf(passed.map(({ seconds }) => seconds))),
    test: figures(meanOf),
    deviation: figures(deviationOf),
    heldOutLoss: byEpoch(({ heldOutLoss }) => heldOutLoss),
    heldOutRecall: isRanked ? byEpoch(({ heldOutRanks }) => heldOutRanks?.recall) : [],
  };
}

interface Ranked {
  readonly name: Contender;
  readonly runs: readonly Trained[];
}

/** How ranks are summed up. */
interface Ranking extends Pick<Baselines, "sizes"> {
  readonly protocol: Protocol;
}

/** Pairs the runs by seed. Counts have the same ranks for every seed. */
function differencesOf(contenders: readonly Ranked[], counts: readonly number[], ranking: Ranking): PairDifference[] {
  return contenders.flatMap(({ name: a, runs }, i) => {
    const others = contenders.slice(i + 1).map(({ name: b, runs: others }) => {
      const shared = runs.filter(({ seed }) => others.some((other) => other.seed === seed));
      const of = (seed: number): readonly number[] => others.find((other) => other.seed === seed)?.ranks ?? [];
      return pairOf({ a, b }, shared, of, ranking);
    });
    const beside = pairOf({ a, b: "item-to-item counts" }, runs, () => counts, ranking);
    return [...others, beside].filter(({ seeds }) => seeds > 0);
  });
}

function pairOf(
  names: Pick<PairDifference, "a" | "b">,
  runs: readonly Trained[],
  ranksOf: (seed: number) => readonly number[],
  { protocol, sizes }: Ranking,
): PairDifference {
  const bySequence = (ranks: readonly number[], figure: RankFigure): number[] =>
    meansOf(
      ranks.map((rank) => figureOf(figure, rank, protocol)),
      sizes,
    );
  const differences = figuresBy(protocol, (figure) =>
    differenceOf(
      runs.map(({ ranks }) => bySequence(ranks, figure)),
      runs.map(({ seed }) => bySequence(ranksOf(seed), figure)),
    ),
  );
  return { ...names, seeds: runs.length, ...differences };
}
