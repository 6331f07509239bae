import type { TrainKernels } from "./kernels.ts";

/**
 * A part of a build that is done piece by piece. After the same plan a piece has the same result, whoever does it and
 * whatever was done before. Plans, pieces and results are made of numbers, typed arrays and plain objects: they can be
 * sent.
 */
export type Task<Tools, Plan, Piece, Result> = (
  tools: Tools,
  plan: Plan,
) => Performed<Piece, Result> | Promise<Performed<Piece, Result>>;

export type Performed<Piece, Result> = (piece: Piece) => Result | Promise<Result>;

/** Who does the pieces. What comes of a build does not depend on who they are, or how many. */
export interface Crew<Tools> {
  /** The results in the order of the pieces. What comes next may overwrite a piece and a result. One task at a time. */
  perform<Plan, Piece, Result>(
    task: Task<Tools, Plan, Piece, Result>,
    plan: Plan,
    pieces: Iterable<Piece> | AsyncIterable<Piece>,
  ): AsyncIterable<Result>;
}

/** A crew of this thread only. */
export function alone<Tools>(tools: Tools): Crew<Tools> {
  return {
    async *perform(task, plan, pieces) {
      const perform = await task(tools, plan);
      for await (const piece of pieces) yield perform(piece);
    },
  };
}

/** The tools of tasks that train and code rows: they take all of the instance's memory above `heapBase()`. */
export interface TrainTools {
  readonly train: TrainKernels;
}

/** Who builds together: they see the memory that training rows are put in. */
export interface BuildCrew<Tools> extends Crew<Tools> {
  /** Zeros that all members see. */
  floats(length: number): Float32Array;
}
