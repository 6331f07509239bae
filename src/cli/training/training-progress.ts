import { figureOf } from "../../train/model/best-epoch.ts";
import type { SelectBy } from "../../train/model/select-by.ts";
import type { EpochReport, TrainProgress } from "../../train/model/train-options.ts";
import { DEFAULT_EPOCHS } from "../../train/sequences/settings.ts";
import type { LoggedProgress } from "../output/progress.ts";
import { epochLine, epochNote } from "./epoch-note.ts";
import { startTimeLeft } from "./time-left.ts";

/** The facts that the progress of a training shows beside the share that is done. */
export interface ReportedTraining {
  /** The most epochs. */
  readonly epochs?: number;
  /** The training may end before. */
  readonly patience?: number;
  readonly selectBy?: SelectBy;
}

/** Callbacks of a training that show its progress. */
export interface TrainingProgress {
  onProgress(progress: TrainProgress): void;
  onEpoch(report: EpochReport): void;
}

/**
 * Reports each hundredth of an epoch, since a single step is too short to report, with the last and the best epoch and the time left.
 * The end of each epoch is logged.
 */
export function startTrainingProgress(
  { report, log }: Pick<LoggedProgress, "report" | "log">,
  { epochs = DEFAULT_EPOCHS, patience, selectBy = "loss" }: ReportedTraining,
  now?: () => number,
): TrainingProgress {
  const timeLeft = startTimeLeft(epochs, now);
  const most = patience === undefined ? String(epochs) : `at most ${epochs}`;
  let reported = -1;
  let last: EpochReport | undefined;
  return {
    onProgress(progress) {
      const { epoch, done, total, best } = progress;
      const percent = 100 * epoch + Math.floor((100 * done) / total);
      if (percent === reported) return;
      reported = percent;
      const secondsLeft = timeLeft(progress);
      report({
        phase: `epoch ${epoch}`,
        done,
        total,
        facts: {
          secondsLeft,
          ...(best && { best: { epoch: best.epoch, selectBy, figure: figureOf(best, selectBy) } }),
        },
        note: epochNote(progress, last, selectBy, secondsLeft),
      });
    },
    onEpoch(of) {
      last = of;
      // After the held-out data were measured, which takes its time in every epoch.
      log(epochLine(of, most, timeLeft({ epoch: of.epoch, done: 1, total: 1 })));
    },
  };
}
