import { type ProgressEvent, startProgress } from "../output/progress.ts";
import type { Io } from "../process/io.ts";

/** Runs `action` with a function to be told each step, which shows it and ends the action when the user wants it to. */
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
    io.signal.throwIfAborted(); // whose reason says more than what it broke
    throw error;
  } finally {
    progress.stop();
  }
}
