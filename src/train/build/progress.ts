import { type Advance, startPauses } from "../runtime/work.ts";
import type { BuildOptions, BuildProgress } from "./build-options.ts";

type Phase = BuildProgress["phase"];

/** Tells the caller of a build how far each phase has got. */
export interface Progress {
  /** For a phase that counts rows or bytes up to `total`, from `before` on; it pauses as well. */
  advance(phase: Phase, total: number, before?: number): Advance;
  /** For a phase that pauses by itself. */
  report(phase: Phase): (done: number, total: number) => void;
}

export function startProgress({ onProgress, signal }: Pick<BuildOptions, "onProgress" | "signal">): Progress {
  const pause = startPauses(signal);
  return {
    /** Reports whole percents: there may be a million chunks. */
    advance(phase, total, before = 0) {
      let percent = -1;
      return (done) => {
        const reached = Math.floor((100 * (before + done)) / total);
        if (reached > percent) onProgress?.({ phase, done: before + done, total });
        percent = reached;
        return pause();
      };
    },
    report: (phase) => (done, total) => onProgress?.({ phase, done, total }),
  };
}
