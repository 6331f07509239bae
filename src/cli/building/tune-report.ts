import { tableLines } from "../output/table.ts";
import { LEAST_ROW_RECALL, type Structure, type Trial, type Tuning } from "./tuning.ts";

/** Describes the structures that --tune tried, the one it took, and the reason. */
export function tuningLines({ trials, taken, isComplete }: Tuning): string[] {
  // A row type that an option names may keep fewer.
  const keepsBest = trials.some((trial) => nameOf(trial) === nameOf(taken) && trial.rowRecall >= LEAST_ROW_RECALL);
  const least = Math.min(...trials.map(({ cost }) => cost));
  const rows = trials.map((trial) => [
    nameOf(trial),
    `${(100 * trial.rowRecall).toFixed(2)} %`,
    trial.quality.logPartitionErrorP90.toFixed(5),
    Math.round(trial.work),
    (trial.cost / least).toFixed(2),
  ]);
  return [
    `--tune tried ${trials.length} structures${isComplete ? "" : ", and had no time for more (--tune-seconds)"}, and took ${nameOf(taken)}:`,
    `${keepsBest ? "the smallest row type that keeps 99 % of the ten best classes, then " : ""}the least work for a given error`,
    ...tableLines(["structure", "row recall", "log-partition error, p90", "multiply-adds", "work for an error"], rows),
  ];
}

const nameOf = ({ quantizer, bits, rowType }: Structure | Trial): string => `${quantizer} ${bits} ${rowType}`;
