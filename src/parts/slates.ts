import { logSum } from "./log-sums.ts";
import type { PartialSlate } from "./partial-answer.ts";

/** Puts together the classes of a slate that several parts have. Log Q becomes the one of all parts together. */
export function mergeSlates(slates: readonly PartialSlate[]): PartialSlate {
  const exact = slates.every((slate) => slate.exact);
  const logTotal = exact ? 0 : logSum(slates.map(({ logMass }) => logMass));
  const shiftOf = ({ logMass }: PartialSlate): number => (logMass === logTotal ? 0 : logMass - logTotal);
  const entries = slates.flatMap((slate) =>
    Array.from(slate.places, (place, at) => ({ place, log: (slate.logs[at] as number) + shiftOf(slate) })),
  );
  entries.sort((a, b) => a.place - b.place);
  return {
    places: Int32Array.from(entries, ({ place }) => place),
    logs: Float64Array.from(entries, ({ log }) => log),
    logRest: logSum(slates.map((slate) => slate.logRest + shiftOf(slate))),
    logMass: logTotal,
    exact,
  };
}

/**
 * Computes the log-probability of each class of a slate among those that are left when it is drawn, as answers/slate.ts does:
 * the classes are put back from the last to the first, so that nothing is subtracted.
 */
export function slateLogProbabilities({ logs, logRest, exact }: PartialSlate): Float64Array {
  const logProbabilities = new Float64Array(logs.length);
  let left = logRest;
  for (let i = logs.length - 1; i >= 0; i--) {
    const log = logs[i] as number;
    left = logSum([left, log]);
    const total = i === 0 && !exact ? 0 : left; // log Q is normalised
    logProbabilities[i] = log > Number.NEGATIVE_INFINITY ? log - total : log;
  }
  return logProbabilities;
}
