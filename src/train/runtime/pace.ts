/** Multiply-adds between two turns of the event loop: about 20 ms of assignRows. */
const WORK_PER_TURN = 2 ** 29;

/** Counts work; lets the event loop run now and then, and throws the signal's reason once it is aborted. */
export type Pace = (work: number) => Promise<void>;

export function startPace(signal: AbortSignal | undefined): Pace {
  let done = 0;
  return async (work) => {
    done += work;
    if (done >= WORK_PER_TURN) {
      done = 0;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    signal?.throwIfAborted();
  };
}
