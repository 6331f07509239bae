import type { EvaluatedEffort } from "../../train/index.ts";
import { type CallTimes, callTimes, type TimedIndex } from "../evaluating/times.ts";
import type { Pair } from "./compared.ts";

/** The number of rounds in which the two take turns. */
export const ROUNDS = 5;

/** Something to time. */
interface Timed {
  readonly index: TimedIndex;
  readonly queries: Float32Array;
  readonly effort: EvaluatedEffort;
}

/** Times two indexes in turns, so that other work of the machine slows down both. Each round swaps who goes first. */
export async function timesInTurns(timed: Pair<Timed>): Promise<Pair<CallTimes[]>> {
  const rounds: Pair<CallTimes[]> = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const turn of [round % 2, 1 - (round % 2)]) {
      const { index, queries, effort } = timed[turn as 0 | 1];
      rounds[turn as 0 | 1].push(await callTimes(index, queries, effort));
    }
  }
  return rounds;
}

/** The median of each kind of call over the rounds. */
export function medianTimes(rounds: readonly CallTimes[]): CallTimes {
  const of = (name: keyof CallTimes): number =>
    rounds.map((times) => times[name]).sort((a, b) => a - b)[rounds.length >> 1] as number;
  return { predict: of("predict"), sample: of("sample"), topK: of("topK"), exactSoftmax: of("exactSoftmax") };
}
