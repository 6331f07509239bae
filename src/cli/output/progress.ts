import cliProgress from "cli-progress";
import { holdSignals } from "../process/interruption.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

export interface ProgressEvent {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** The text of the bar behind the share. Default: none. */
  readonly note?: string;
  /** Facts that only --json prints. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface Progress {
  report(event: ProgressEvent): void;
  /** Removes the bar and restores the cursor. */
  stop(): void;
}

/** The progress of a command that may take hours. */
export interface LoggedProgress extends Progress {
  /** Prints a line about what is done where there is neither a bar nor JSON. */
  log(line: string): void;
}

/**
 * Shows progress as a bar on a terminal, or as one JSON event per line with --json. Otherwise and in CI it prints only the lines
 * that are logged.
 */
export function startProgress(io: Io, format: "json" | "text"): LoggedProgress {
  if (format === "json") return jsonProgress(io);
  if (io.stderr.isTTY && !io.env.CI) return barProgress(io);
  return { report() {}, log: (line) => printLines(io.stderr, [line]), stop() {} };
}

const jsonProgress = (io: Io): LoggedProgress => ({
  report: ({ phase, done, total, facts }) => printJson(io.stdout, { event: "progress", phase, done, total, ...facts }),
  log() {},
  stop() {},
});

/** A single line on which each phase replaces the one before. */
function barProgress(io: Io): LoggedProgress {
  const bar = new cliProgress.SingleBar({
    format: "{phase} [{bar}] {percentage}%{note}",
    stream: io.stderr,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false, // its handler would end the process before the command cleans up
  });
  let running: string | undefined;
  let hold: ReturnType<typeof holdSignals> | undefined;
  return {
    report({ phase, done, total, note = "" }) {
      if (phase === running) return bar.update(done, { note });
      if (running !== undefined) bar.stop();
      running = phase;
      hold ??= holdSignals(() => bar.stop()); // shows the cursor again
      bar.start(total, done, { phase: phase.padEnd(12), note });
    },
    log() {},
    stop() {
      if (running !== undefined) bar.stop();
      running = undefined;
      hold?.release();
      hold = undefined;
    },
  };
}
