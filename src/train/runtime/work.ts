/** How long a computation may go on before the event loop runs. */
const TURN_MILLISECONDS = 20;
/** The clock of a Worker stands still between two turns, so that pauses are counted as well. */
const PAUSES_PER_TURN = 1024;

/** Yields to the event loop where it is time to, and throws the signal's reason once it is aborted. */
export type Pause = () => Promise<void>;

/** Reports that so much of a stage is done, and pauses. */
export type Advance = (done: number) => Promise<void>;

export function startPauses(signal: AbortSignal | undefined): Pause {
  let turn = performance.now();
  let pauses = 0;
  return async () => {
    pauses++;
    if (pauses >= PAUSES_PER_TURN || performance.now() - turn >= TURN_MILLISECONDS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
      pauses = 0;
    }
    signal?.throwIfAborted();
  };
}

/** A computation that stops now and then, so that whoever runs it decides whether others get a turn. */
export type Work<Result> = Generator<void, Result>;

export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Runs it with pauses. @throws the signal's reason, once that of `pause` is aborted. */
export async function runWithPauses<Result>(work: Work<Result>, pause: Pause): Promise<Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await pause();
  }
}
