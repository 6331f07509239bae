import { ENUMERATED, type Proposal } from "./proposals.ts";
import type { SetFacts } from "./result.ts";
import type { Passed, Run, Trained } from "./training.ts";

/**
 * The learning rates, the same for every proposal. Each is tried for one epoch with the first seed, and the validation
 * part chooses the best.
 */
const RATES = [0.05, 0.1, 0.2, 0.4];
export const DRAWS = [100, 20];
const SEEDS = [1, 2, 3];

/** Returns the key of a run. */
export const keyOf = ({ set, proposal, draws, rate, seed, epochs }: Run): string =>
  [set, proposal, draws, rate, seed, epochs].join("/");

/** Returns the runs that choose the learning rate of a proposal. */
export const tuningRuns = ({ name: set }: SetFacts, proposal: Proposal): Run[] =>
  RATES.map((rate) => ({
    set,
    proposal,
    rate,
    seed: 1,
    epochs: 1,
    draws: isFull(proposal) ? 0 : (DRAWS[0] as number),
  }));

/** From this number of classes on, proposals that enumerate the classes run with the larger M only, for their time. */
const MANY_CLASSES = 20_000;

/** Returns the runs that the tables show: one seed for proposals that enumerate the classes, for their time. */
export function tableRuns({ name: set, epochs, classCount }: SetFacts, proposal: Proposal, rate: number): Run[] {
  const enumerates = ENUMERATED.includes(proposal);
  const seeds = enumerates ? SEEDS.slice(0, 1) : SEEDS;
  const draws = isFull(proposal) ? [0] : enumerates && classCount > MANY_CLASSES ? DRAWS.slice(0, 1) : DRAWS;
  return seeds.flatMap((seed) => draws.map((M) => ({ set, proposal, rate, seed, epochs, draws: M })));
}

/** The softmax over all classes draws nothing. */
const isFull = (proposal: Proposal): boolean => proposal === "full softmax";

/** Returns the learning rate of the run that is best after its epoch. */
export const bestRate = (set: SetFacts, tuned: readonly Trained[]): number =>
  tuned.reduce((best, run) => (isBetter(set, lastOf(run), lastOf(best)) ? run : best)).rate;

/** Returns the results after the last epoch. */
const lastOf = ({ epochsPassed }: Trained): Passed => epochsPassed.at(-1) as Passed;

/** Returns the epoch that the validation part chooses. */
export const chosenOf = (set: SetFacts, { epochsPassed }: Trained): Passed =>
  epochsPassed.reduce((best, passed) => (isBetter(set, passed, best) ? passed : best));

/** Compares by the validation part. A lower perplexity is better, and a higher value of the other measures. */
const isBetter = ({ measure }: SetFacts, a: Passed, b: Passed): boolean =>
  measure === "perplexity" ? a.valid < b.valid : a.valid > b.valid;
