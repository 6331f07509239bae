import type { Pace } from "./pace.ts";

/** A computation that says, now and then, how many multiply-adds it has done, so that whoever runs it can let others in. */
export type Work<Result> = Generator<number, Result>;

export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** @throws the signal's reason, once that of `pace` is aborted. */
export async function runPaced<Result>(work: Work<Result>, pace: Pace): Promise<Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await pace(value);
  }
}
