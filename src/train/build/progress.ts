import { startPace } from "../runtime/pace.ts";
import type { BuildOptions, BuildProgress } from "./build-options.ts";

/** A stage has got this far: reports it, lets the event loop run, throws the signal's reason once it is aborted. */
export type Step = (done: number) => Promise<void>;

type Phase = BuildProgress["phase"];

export interface Stages {
  /** Of a stage that counts rows up to `total`, from `before` on. */
  rows(phase: Phase, total: number, before?: number): Step;
  /** Of a stage that counts bytes. */
  bytes(phase: Phase, total: number): Step;
  report(phase: Phase): (done: number, total: number) => void;
}

/** Multiply-adds of the assignment that take the time of checking, storing or hashing a value, and a byte. */
const WORK_PER_VALUE = 200;
const WORK_PER_BYTE = 5;

export function startStages(dim: number, { onProgress, signal }: Pick<BuildOptions, "onProgress" | "signal">): Stages {
  const pace = startPace(signal);
  /** Reports whole percents: there may be a million chunks. */
  const stage = (phase: Phase, total: number, before: number, workPerUnit: number): Step => {
    let last = 0;
    let percent = -1;
    return async (done) => {
      const reached = Math.floor((100 * (before + done)) / total);
      if (reached > percent) onProgress?.({ phase, done: before + done, total });
      percent = reached;
      await pace((done - last) * workPerUnit);
      last = done;
    };
  };
  return {
    rows: (phase, total, before = 0) => stage(phase, total, before, dim * WORK_PER_VALUE),
    bytes: (phase, total) => stage(phase, total, 0, WORK_PER_BYTE),
    report: (phase) => (done, total) => onProgress?.({ phase, done, total }),
  };
}
