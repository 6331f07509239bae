import { figureOf } from "../../train/model/best-epoch.ts";
import { RANKED, type SelectBy } from "../../train/model/select-by.ts";
import type { EpochReport, TrainProgress } from "../../train/model/train-options.ts";

const NAMES: Readonly<Record<SelectBy, string>> = {
  loss: "held-out loss",
  recall: `recall@${RANKED}`,
  ndcg: `NDCG@${RANKED}`,
};

const FIGURES: readonly SelectBy[] = ["loss", "recall", "ndcg"];

/** Formats a duration in one unit. */
function timeOf(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const leftOf = (seconds: number | undefined): string[] => (seconds ? [`at most ${timeOf(seconds)} left`] : []);

/** Describes the last epoch, the best one so far and the time left, for the end of a line of progress. */
export function epochNote(
  { best }: TrainProgress,
  last: EpochReport | undefined,
  by: SelectBy,
  secondsLeft: number | undefined,
): string {
  const figure = best && figureOf(best, by);
  const facts = [
    ...(last ? [`training loss ${last.loss.toFixed(4)} in epoch ${last.epoch}`] : []),
    ...(best && figure !== undefined ? [`best ${NAMES[by]} ${figure.toFixed(4)} in epoch ${best.epoch}`] : []),
    ...leftOf(secondsLeft),
  ];
  return facts.map((fact) => `, ${fact}`).join("");
}

/** Describes an epoch that is over, on a line of its own. */
export function epochLine(report: EpochReport, epochs: string, secondsLeft: number | undefined): string {
  const measured = FIGURES.flatMap((by) => {
    const figure = figureOf(report, by);
    return figure === undefined ? [] : [`${NAMES[by]} ${figure.toFixed(4)}`];
  });
  const facts = [`training loss ${report.loss.toFixed(4)}`, ...measured, ...leftOf(secondsLeft)];
  return `epoch ${report.epoch} of ${epochs}: ${facts.join(", ")}`;
}
