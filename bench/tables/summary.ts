import { deviationOf, meanOf } from "../mean-and-deviation.ts";
import { studentT95 } from "../student-t.ts";
import { chosenOf } from "./plan.ts";
import { PROPOSALS, type Proposal } from "./proposals.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import type { Passed, Trained } from "./training.ts";

/** The full-length runs of a proposal with M draws on a set. */
export interface Entry {
  readonly proposal: Proposal;
  readonly draws: number;
  readonly rate: number;
  /** Seeds. */
  readonly runs: number;
  /** Mean CPU seconds per epoch. */
  readonly epochSeconds: number;
  /** Means over the seeds, at the epoch that the validation part selects. */
  readonly mean: Readonly<Record<string, number>>;
  /** Standard deviations over the seeds, 0 for a single one. */
  readonly deviation: Readonly<Record<string, number>>;
  /** The set's measure by seed. */
  readonly bySeed: Readonly<Record<string, number>>;
  /** Mean CPU seconds until the validation part reaches `goal`, undefined if a run never does. */
  readonly secondsTo: (goal: number) => number | undefined;
}

/** Returns the proposals that have runs, in the order of the tables. */
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
    proposal,
    draws,
    rate,
    runs: runs.length,
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

/** Returns the mean validation result of the full softmax, less 5 %. */
export function goalOf({ runs }: TablesResult, set: SetFacts): number | undefined {
  const full = runs.filter(
    ({ set: name, proposal, epochs }) => name === set.name && proposal === "full softmax" && epochs === set.epochs,
  );
  if (full.length === 0) return undefined;
  return meanOf(full.map((run) => chosenOf(set, run).valid)) * (set.measure === "perplexity" ? 1.05 : 0.95);
}

const reaches = ({ measure }: SetFacts, value: number, goal: number): boolean =>
  measure === "perplexity" ? value <= goal : value >= goal;

/** Converts a ratio of measures to a gain, which is above 0 for the better one. */
const shareOf = ({ measure }: SetFacts, ratio: number): number =>
  measure === "perplexity" ? 1 / ratio - 1 : ratio - 1;

/** The gain of an entry over another, over the seeds that both have. */
export interface Gain {
  /** Mean gain over the seeds, as a share. */
  readonly mean: number;
  /** Half the width of the 95 % interval of that mean, by Student's t. Undefined for a single seed. */
  readonly halfWidth: number | undefined;
}

/** Pairs the runs of two entries by seed, since runs of one seed see the examples in the same order. */
export function gainBySeed(set: SetFacts, entry: Entry, other: Entry): Gain {
  const gains = Object.keys(entry.bySeed).flatMap((seed) => {
    const [own, others] = [entry.bySeed[seed], other.bySeed[seed]];
    return own === undefined || others === undefined ? [] : [shareOf(set, own / others)];
  });
  const error = deviationOf(gains) / Math.sqrt(gains.length);
  return { mean: meanOf(gains), halfWidth: gains.length > 1 ? studentT95(gains.length - 1) * error : undefined };
}
