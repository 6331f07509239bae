import { compileInlined } from "../../memory/compile-inlined.ts";
import { compileTrain } from "../../train/runtime/kernels-inlined.ts";
import { startThreads, type Threads } from "./threads.ts";

/** Runs `action` with `count` threads, which end with it. For a count of 1 this thread does the work, without others. */
export async function withThreads<T>(
  count: number,
  signal: AbortSignal,
  action: (threads: Threads | undefined) => Promise<T>,
): Promise<T> {
  if (count === 1) return action(undefined);
  const threads = startThreads(count, { train: await compileTrain(), modules: await compileInlined() }, signal);
  try {
    return await action(threads);
  } finally {
    await threads.close();
  }
}
