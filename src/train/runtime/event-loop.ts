// A long computation lets the event loop run between blocks of work. Asynchronous code awaits `yieldIfDue()` there. Code that
// also has to run synchronously, because `refresh` of a sampler does, is a generator that yields there. `runAsync` runs it
// with turns of the event loop in between, `runSync` without. worker-pool.ts spreads work over threads.

/** The longest time between two turns of the event loop. */
const TURN_MILLISECONDS = 20;
/** In a Worker the clock stands still until the event loop runs, so calls are counted as well. */
const CALLS_PER_TURN = 1024;

/** Yields to the event loop if that is due. Throws the signal's reason once the signal is aborted. */
export type YieldIfDue = () => Promise<void>;

export function startYielding(signal: AbortSignal | undefined): YieldIfDue {
  let turnStart = performance.now();
  let calls = 0;
  return async () => {
    calls++;
    if (calls >= CALLS_PER_TURN || performance.now() - turnStart >= TURN_MILLISECONDS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turnStart = performance.now();
      calls = 0;
    }
    signal?.throwIfAborted();
  };
}

/** A computation that yields wherever the event loop may run. */
export type Interruptible<Result> = Generator<void, Result>;

export function runSync<Result>(computation: Interruptible<Result>): Result {
  for (;;) {
    const { done, value } = computation.next();
    if (done) return value;
  }
}

/** @throws the reason of the signal that `yieldIfDue` was made with, once that signal is aborted. */
export async function runAsync<Result>(computation: Interruptible<Result>, yieldIfDue: YieldIfDue): Promise<Result> {
  for (;;) {
    const { done, value } = computation.next();
    if (done) return value;
    await yieldIfDue();
  }
}
