import { LiveProblem } from "../contract/live-problems.ts";
import { Problem } from "../contract/problem.ts";

/** Calls the log, whose errors become problems. */
export async function callLog<T>(action: () => T): Promise<Awaited<T>> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { name, message } = error as Error;
    if (name === "KeyConflictError") throw new LiveProblem("idempotency_conflict", message);
    if (name === "OtherLogError" || name === "LostSetError") throw new LiveProblem("log_unfit", message);
    throw new LiveProblem("log_unreadable", `the log of changes: ${message}`);
  }
}
