import { constants } from "node:os";

/*
 * SIGINT and SIGTERM. As long as there is nothing to undo, nobody listens for them and the system ends the process at once, even
 * in the middle of a computation that lets no listener run. While something is held, the first signal asks the command to
 * end, the second ends it, and so does time: what is held is undone first.
 */

type Signal = "SIGINT" | "SIGTERM";
const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM"];

/** How long a command that was asked to end may take to do so, in milliseconds: longer than requests under way may take. */
const GRACE_MS = 2500;

const held = new Set<() => void>();
let watch: ((isHeld: boolean) => void) | undefined;

/** Has `undo`, which must not wait for anything, run if a signal ends the process before the hold is released. */
export function holdSignals(undo: () => void): { release(): void } {
  held.add(undo);
  watch?.(true);
  return {
    release() {
      held.delete(undo);
      watch?.(held.size > 0);
    },
  };
}

export interface Interruption {
  /** Aborted by the first signal that came while something was held. */
  readonly signal: AbortSignal;
  /** The exit code of a command that ended with `code`, which is that of a signal where one made it fail. */
  exitCodeOf(code: number): number;
}

/** Begins to watch, for the process as a whole. */
export function watchSignals(): Interruption {
  const controller = new AbortController();
  let caught: Signal | undefined;
  let isListening = false;
  const onSignal = (signal: Signal): void => {
    if (caught === undefined) {
      caught = signal;
      controller.abort(new Error("interrupted"));
      setTimeout(end, GRACE_MS, signal).unref();
    } else end(signal);
  };
  const listen = (isHeld: boolean): void => {
    if (isHeld === isListening) return;
    isListening = isHeld;
    for (const signal of SIGNALS) {
      if (isHeld) process.on(signal, onSignal);
      else process.off(signal, onSignal);
    }
  };
  const end = (signal: Signal): void => {
    for (const undo of held) undo();
    listen(false);
    // Not process.exit, which waits for reads and opens under way: those of a pipe may never end.
    process.kill(process.pid, signal);
    process.exit(codeOf(signal));
  };
  watch = listen;
  // The first process of a container gets no signal that it does not listen for.
  if (process.pid === 1) holdSignals(() => {});
  return {
    signal: controller.signal,
    exitCodeOf: (code) => (caught === undefined || code === 0 ? code : codeOf(caught)),
  };
}

/** As shells count. */
const codeOf = (signal: Signal): number => 128 + constants.signals[signal];
