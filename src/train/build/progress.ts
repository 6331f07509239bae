import { startYielding } from "../runtime/event-loop.ts";
import type { BuildOptions, BuildProgress } from "./build-options.ts";

type Phase = BuildProgress["phase"];

/** Reports the progress of a build to its caller. */
export interface Progress {
  /**
   * Starts a phase that counts rows or bytes up to `total`, `before` of them already done. The function it returns reports
   * how many more are done, and yields to the event loop if that is due.
   */
  advance(phase: Phase, total: number, before?: number): (done: number) => Promise<void>;
  /** Starts a phase that yields to the event loop by itself. */
  report(phase: Phase): (done: number, total: number) => void;
}

export function startProgress({ onProgress, signal }: Pick<BuildOptions, "onProgress" | "signal">): Progress {
  const yieldIfDue = startYielding(signal);
  return {
    /** Reports whole percents only, because there may be a million chunks. */
    advance(phase, total, before = 0) {
      let percent = -1;
      return (done) => {
        const reached = Math.floor((100 * (before + done)) / total);
        if (reached > percent) onProgress?.({ phase, done: before + done, total });
        percent = reached;
        return yieldIfDue();
      };
    },
    report: (phase) => (done, total) => onProgress?.({ phase, done, total }),
  };
}
