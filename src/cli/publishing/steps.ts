import { type ProgressEvent, startProgress } from "../output/progress.ts";
import type { Io } from "../process/io.ts";

/** Runs `action` with a callback that shows each step, and that throws when the user interrupts the command. */
export async function withSteps<T>(
  io: Io,
  format: "json" | "text",
  action: (onStep: (step: ProgressEvent) => void) => Promise<T>,
): Promise<T> {
  const progress = startProgress(io, format);
  try {
    return await action((step) => {
      io.signal.throwIfAborted();
      progress.report(step);
    });
  } catch (error) {
    io.signal.throwIfAborted(); // the reason of the signal says more than the error that it caused
    throw error;
  } finally {
    progress.stop();
  }
}
