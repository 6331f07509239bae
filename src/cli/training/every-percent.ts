import type { TrainProgress } from "../../train/model/train-options.ts";
import type { Progress } from "../output/progress.ts";

/** Where progress is reported. */
export type PercentProgress = Pick<Progress, "report">;

/** Reports each hundredth of an epoch, since a single step is too short to report. */
export function everyPercent({ report }: PercentProgress): (progress: TrainProgress) => void {
  let reported = -1;
  return ({ epoch, done, total }) => {
    const percent = 100 * epoch + Math.floor((100 * done) / total);
    if (percent === reported) return;
    reported = percent;
    report({ phase: `epoch ${epoch}`, done, total });
  };
}
