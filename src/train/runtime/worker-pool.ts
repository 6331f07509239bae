import type { TrainKernels } from "./kernels.ts";

// Work that threads can share is written as a `Task` and given to a `WorkerPool`. Sums are taken over blocks of a fixed size,
// and one thread adds them in the order of the blocks, so the number of threads changes no bit.

/**
 * Work that is done piece by piece. A task gets its plan once and then turns each piece into a result. The result depends
 * on the plan and the piece alone, so any thread can compute it, in any order. Plans, pieces and results consist of
 * numbers, typed arrays and plain objects, which can be sent to a thread.
 */
export type Task<Tools, Plan, Piece, Result> = (
  tools: Tools,
  plan: Plan,
) => PieceFunction<Piece, Result> | Promise<PieceFunction<Piece, Result>>;

export type PieceFunction<Piece, Result> = (piece: Piece) => Result | Promise<Result>;

/** Computes the pieces of a task, on this thread or on several. */
export interface WorkerPool<Tools> {
  /**
   * Yields the results in the order of the pieces. The next step of either iteration may overwrite the last piece and the
   * last result. A pool runs one task at a time.
   */
  map<Plan, Piece, Result>(
    task: Task<Tools, Plan, Piece, Result>,
    plan: Plan,
    pieces: Iterable<Piece> | AsyncIterable<Piece>,
  ): AsyncIterable<Result>;
}

/** Makes a pool that consists of this thread. */
export function singleThread<Tools>(tools: Tools): WorkerPool<Tools> {
  return {
    async *map(task, plan, pieces) {
      const compute = await task(tools, plan);
      for await (const piece of pieces) yield compute(piece);
    },
  };
}

/**
 * Tools of the tasks that train codebooks and code rows. A task may use all of the instance's memory above `heapBase()`.
 */
export interface TrainTools {
  readonly train: TrainKernels;
}

/** A pool whose threads share the memory in which a build keeps its training rows. */
export interface BuildPool<Tools> extends WorkerPool<Tools> {
  /** Allocates zeros that every thread can read and write. */
  floats(length: number): Float32Array;
}
