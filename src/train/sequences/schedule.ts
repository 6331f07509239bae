/** The names of the schedules by which the learning rate changes from step to step. */
export const SCHEDULES = ["constant", "cosine"] as const;
/** The name of a schedule of the learning rate: "constant" or "cosine". */
export type ScheduleName = (typeof SCHEDULES)[number];

/** The inputs of a schedule. */
export interface Schedule {
  readonly schedule: ScheduleName;
  /** The steps in which the rate rises. */
  readonly warmup: number;
  /** The steps of the whole training. */
  readonly steps: number;
}

/** Returns the share of the learning rate that a step takes. The first step is 0. */
export function rateShare({ schedule, warmup, steps }: Schedule, step: number): number {
  if (step < warmup) return (step + 1) / warmup;
  if (schedule === "constant") return 1;
  const cosine = cosineOf((Math.PI / 2) * Math.min(1, (step - warmup) / Math.max(1, steps - warmup)));
  return cosine * cosine; // (1 + cos 2 x) / 2
}

/** Returns the cosine in 0 … π / 2 by its series, to 1e-15. Math.cos has other bits in other runtimes. */
function cosineOf(x: number): number {
  let [sum, term] = [1, 1];
  for (let n = 2; n <= 24; n += 2) {
    term *= (-x * x) / (n * (n - 1));
    sum += term;
  }
  return sum;
}
