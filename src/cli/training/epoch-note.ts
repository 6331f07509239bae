import { figureOf } from "../../train/model/best-epoch.ts";
import { RANKED, type SelectBy } from "../../train/model/select-by.ts";
import type { TrainProgress } from "../../train/model/train-options.ts";

const NAMES: Readonly<Record<SelectBy, string>> = {
  loss: "held-out loss",
  recall: `recall@${RANKED}`,
  ndcg: `NDCG@${RANKED}`,
};

/** Formats a duration in one unit. */
function timeOf(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Describes the best epoch so far and the time left, for the end of a line of progress. */
export function epochNote({ best }: TrainProgress, by: SelectBy, secondsLeft: number | undefined): string {
  const figure = best && figureOf(best, by);
  const facts = [
    ...(best && figure !== undefined ? [`best ${NAMES[by]} ${figure.toFixed(4)} in epoch ${best.epoch}`] : []),
    ...(secondsLeft === undefined ? [] : [`at most ${timeOf(secondsLeft)} left`]),
  ];
  return facts.map((fact) => `, ${fact}`).join("");
}
