import type { TrainProgress } from "../../train/model/train-options.ts";

/**
 * Estimates the seconds that a training still takes, at its mean pace since the first call. Undefined in the first call. With
 * early stopping it may take less.
 */
export function startTimeLeft(
  epochs: number,
  now = (): number => performance.now(),
): (progress: Pick<TrainProgress, "epoch" | "done" | "total">) => number | undefined {
  let first: { readonly time: number; readonly passes: number } | undefined;
  return ({ epoch, done, total }) => {
    const [time, passes] = [now(), epoch - 1 + done / total];
    first ??= { time, passes };
    if (passes <= first.passes) return undefined;
    return Math.ceil((((time - first.time) / 1000) * Math.max(0, epochs - passes)) / (passes - first.passes));
  };
}
