import { figureOf } from "../../train/model/best-epoch.ts";
import type { SelectBy } from "../../train/model/select-by.ts";
import type { TrainProgress } from "../../train/model/train-options.ts";
import { DEFAULT_EPOCHS } from "../../train/sequences/settings.ts";
import type { Progress } from "../output/progress.ts";
import { epochNote } from "./epoch-note.ts";
import { startTimeLeft } from "./time-left.ts";

/** The progress display that a training reports to. */
export type PercentProgress = Pick<Progress, "report">;

/** The facts that the progress of a training shows beside the share that is done. */
export interface ReportedTraining {
  /** The most epochs. */
  readonly epochs?: number;
  readonly selectBy?: SelectBy;
}

/** Reports each hundredth of an epoch, since a single step is too short to report, with the best epoch and the time left. */
export function everyPercent(
  { report }: PercentProgress,
  { epochs = DEFAULT_EPOCHS, selectBy = "loss" }: ReportedTraining,
  now?: () => number,
): (progress: TrainProgress) => void {
  const timeLeft = startTimeLeft(epochs, now);
  let reported = -1;
  return (progress) => {
    const { epoch, done, total, best } = progress;
    const percent = 100 * epoch + Math.floor((100 * done) / total);
    if (percent === reported) return;
    reported = percent;
    const secondsLeft = timeLeft(progress);
    report({
      ...{ phase: `epoch ${epoch}`, done, total },
      facts: { secondsLeft, ...(best && { best: { epoch: best.epoch, selectBy, figure: figureOf(best, selectBy) } }) },
      note: epochNote(progress, selectBy, secondsLeft),
    });
  };
}
