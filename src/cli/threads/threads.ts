import type { BuildPool } from "../../train/runtime/worker-pool.ts";
import type { Start } from "./messages.ts";
import { Slab } from "./slab.ts";
import { nameOf, type Tools } from "./tasks.ts";
import { WorkerThread } from "./worker-thread.ts";

/** The number of pieces that a thread has at a time: one in work, and one to continue with. */
export const SLOTS = 2;

/** The script of the threads, beside the bundle of the command line. */
const SCRIPT = new URL("./cli-worker.js", import.meta.url);

/** A worker pool of threads, each with its own kernels. */
export interface Threads extends BuildPool<Tools> {
  /** Terminates the threads, even if they are busy. */
  close(): Promise<void>;
}

/** A place for one piece in flight: its thread, its number there, and the memory of its arrays. */
interface Slot {
  readonly thread: WorkerThread;
  readonly number: number;
  readonly slab: Slab;
}

/**
 * Starts `count` threads. If one of them fails, all work ends with an error that names it. If `signal` is aborted, all work
 * ends with its reason. A `map` that was not consumed to its end must not be followed by another one.
 */
export function startThreads(count: number, start: Start, signal: AbortSignal, script: URL = SCRIPT): Threads {
  const threads: WorkerThread[] = [];
  const fail = (reason: unknown): void => {
    for (const thread of threads) thread.fail(reason);
  };
  for (let number = 1; number <= count; number++) {
    const onFailure = (error: Error): void =>
      fail(new Error(`thread ${number} of ${count} failed: ${error.message}`, { cause: error }));
    threads.push(new WorkerThread(script, start, onFailure));
  }
  const onAbort = (): void => fail(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  const slots = Array.from({ length: SLOTS }, (_, number) =>
    threads.map((thread): Slot => ({ thread, number, slab: new Slab() })),
  ).flat();
  const plans = new Slab();

  return {
    floats: (length) => new Float32Array(new SharedArrayBuffer(length * 4)),
    async *map<Plan, Piece, Result>(
      task: unknown,
      plan: Plan,
      pieces: Iterable<Piece> | AsyncIterable<Piece>,
    ): AsyncGenerator<Result> {
      const request = { task: nameOf(task), plan: plans.share(plan) };
      // Only threads with a piece get the plan: one without could still be reading it when the next plan overwrites it.
      const planned = new Set<WorkerThread>();
      const free = [...slots];
      const inFlight: { readonly slot: Slot; readonly result: Promise<unknown> }[] = [];
      const oldest = async function* (): AsyncGenerator<Result> {
        const { slot, result } = inFlight.shift() as (typeof inFlight)[number];
        yield (await result) as Result;
        free.push(slot);
      };
      for await (const piece of pieces) {
        if (free.length === 0) yield* oldest();
        const slot = free.shift() as Slot;
        if (!planned.has(slot.thread)) slot.thread.send(request);
        planned.add(slot.thread);
        inFlight.push({ slot, result: slot.thread.process(slot.number, slot.slab.share(piece)) });
      }
      while (inFlight.length > 0) yield* oldest();
    },
    async close() {
      signal.removeEventListener("abort", onAbort);
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}
