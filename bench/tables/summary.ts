import { chosenOf } from "./plan.ts";
import { PROPOSALS, type Proposal } from "./proposals.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import type { Passed, Trained } from "./training.ts";

/** A proposal with M draws on a set: its runs of the full number of epochs. */
export interface Entry {
  readonly proposal: Proposal;
  readonly draws: number;
  readonly rate: number;
  /** Seeds. */
  readonly runs: number;
  /** CPU seconds an epoch: the mean. */
  readonly epochSeconds: number;
  /** Of the epoch that the validation part chooses. */
  readonly mean: Readonly<Record<string, number>>;
  /** Over the seeds; 0 for one. */
  readonly deviation: Readonly<Record<string, number>>;
  /** The set's measure of each seed. */
  readonly bySeed: Readonly<Record<string, number>>;
  /** CPU seconds until the validation part is as good as `goal`: the mean; undefined where a run never is. */
  readonly secondsTo: (goal: number) => number | undefined;
}

/** In the order of the tables; those that have a run. */
export function entriesOf({ runs }: TablesResult, set: SetFacts, draws: number): Entry[] {
  return PROPOSALS.flatMap((proposal) => {
    const own = runs.filter(
      (run) =>
        run.set === set.name &&
        run.proposal === proposal &&
        run.epochs === set.epochs &&
        (run.draws === draws || run.draws === 0),
    );
    return own.length > 0 ? [entryOf(set, proposal, own)] : [];
  });
}

function entryOf(set: SetFacts, proposal: Proposal, runs: readonly Trained[]): Entry {
  const chosen = runs.map((run) => chosenOf(set, run));
  const names = Object.keys((chosen[0] as Passed).test);
  const of = (summary: (values: number[]) => number): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name, summary(chosen.map(({ test }) => test[name] as number))]));
  const { draws, rate } = runs[0] as Trained;
  return {
    ...{ proposal, draws, rate, runs: runs.length },
    epochSeconds: meanOf(runs.map(({ epochsPassed, epochs }) => (epochsPassed.at(-1) as Passed).seconds / epochs)),
    mean: of(meanOf),
    deviation: of(deviationOf),
    bySeed: Object.fromEntries(runs.map(({ seed }, i) => [seed, chosen[i]?.test[set.measure] as number])),
    secondsTo(goal) {
      const times = runs.map(
        ({ epochsPassed }) => epochsPassed.find(({ valid }) => reaches(set, valid, goal))?.seconds,
      );
      return times.every((time) => time !== undefined) ? meanOf(times) : undefined;
    },
  };
}

/** What the softmax over all classes comes to on the validation part, less 5 %: the mean of its seeds. */
export function goalOf({ runs }: TablesResult, set: SetFacts): number | undefined {
  const full = runs.filter(
    ({ set: name, proposal, epochs }) => name === set.name && proposal === "full softmax" && epochs === set.epochs,
  );
  if (full.length === 0) return undefined;
  return meanOf(full.map((run) => chosenOf(set, run).valid)) * (set.measure === "perplexity" ? 1.05 : 0.95);
}

const reaches = ({ measure }: SetFacts, value: number, goal: number): boolean =>
  measure === "perplexity" ? value <= goal : value >= goal;

/** A ratio of values of the set's measure as a gain: above 0 is better. */
const shareOf = ({ measure }: SetFacts, ratio: number): number =>
  measure === "perplexity" ? 1 / ratio - 1 : ratio - 1;

/** How much better an entry is than another over the seeds that both have, and how certain that is. */
export interface Gain {
  /** The mean of the gains by seed, as shares. */
  readonly mean: number;
  /** Half of the 95 % interval of that mean, by Student's t; undefined for a single seed. */
  readonly halfWidth: number | undefined;
}

/** Pairs the runs of two entries by their seeds, as both then have the same order of examples. */
export function gainBySeed(set: SetFacts, entry: Entry, other: Entry): Gain {
  const gains = Object.keys(entry.bySeed).flatMap((seed) => {
    const [own, others] = [entry.bySeed[seed], other.bySeed[seed]];
    return own === undefined || others === undefined ? [] : [shareOf(set, own / others)];
  });
  const error = deviationOf(gains) / Math.sqrt(gains.length);
  return { mean: meanOf(gains), halfWidth: gains.length > 1 ? studentT95(gains.length - 1) * error : undefined };
}

/** Two-sided 95 % points of Student's t by degrees of freedom, for as many seeds as anybody trains here. */
const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262] as const;
function studentT95(freedom: number): number {
  const point = T95[freedom - 1];
  if (point === undefined) throw new RangeError(`no point of Student's t for ${freedom} degrees of freedom`);
  return point;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
