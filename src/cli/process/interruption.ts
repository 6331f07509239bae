import { constants } from "node:os";

/*
 * SIGINT and SIGTERM. While there is nothing to undo, there are no listeners, so the system ends the process at once, even
 * during a computation that does not yield to the event loop. While something is held, the first signal asks the command to
 * end. The second signal, or a timeout, undoes what is held and ends the process.
 */

type Signal = "SIGINT" | "SIGTERM";
const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM"];

/**
 * The time that a command has to end after a signal, in milliseconds. It is longer than the limit for requests in flight.
 */
const GRACE_MS = 2500;

const held = new Set<() => void>();
let watch: ((isHeld: boolean) => void) | undefined;

/** Runs `undo` if a signal ends the process before the hold is released. `undo` must be synchronous. */
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

/** Undoes what is held, before the process ends without a signal. */
export function undoHeld(): void {
  for (const undo of held) undo();
}

export interface Interruption {
  /** Aborted by the first signal while something is held. */
  readonly signal: AbortSignal;
  /** Returns the exit code of a command that ended with `code`: that of the signal if a signal made the command fail. */
  exitCodeOf(code: number): number;
}

/** Starts to watch for signals of the process. */
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
    undoHeld();
    listen(false);
    // process.exit alone would wait for pending reads and opens, and those of a pipe may never end.
    process.kill(process.pid, signal);
    process.exit(codeOf(signal));
  };
  watch = listen;
  // The first process of a container receives only the signals that it listens for.
  if (process.pid === 1) holdSignals(() => {});
  return {
    signal: controller.signal,
    exitCodeOf: (code) => (caught === undefined || code === 0 ? code : codeOf(caught)),
  };
}

/** The exit code by which shells report a signal. */
const codeOf = (signal: Signal): number => 128 + constants.signals[signal];
