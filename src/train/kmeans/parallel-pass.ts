import { type ClusteredRows, openClustered } from "../rows/clustered-rows.ts";
import type { RowsPlace, TrainingRows } from "../rows/training-rows.ts";
import { startArena } from "../runtime/arena.ts";
import type { Task, TrainTools, WorkerPool } from "../runtime/worker-pool.ts";
import { type BlockPass, blockStarts, type PassOver, planBlockPasses } from "./block-passes.ts";

export interface PassTools extends TrainTools {
  /** Opens the training rows that another thread has put there. */
  openRows(place: RowsPlace): TrainingRows;
}

export interface PassRows extends ClusteredRows {
  /** f64 (rowCount). */
  readonly weights: Float64Array;
  readonly codewordCount: number;
}

interface PassPlan extends PassRows {
  readonly place: RowsPlace;
  readonly codebook: Float32Array;
}

/** A pass of k-means. A piece is the first row of a block. */
export const passOverBlocks: Task<PassTools, PassPlan, number, BlockPass> = ({ train, openRows }, plan) => {
  const { place, weights, codewordCount, codebook } = plan;
  const arena = startArena(train);
  const source = openClustered(train, arena, openRows(place), plan);
  const blocks = planBlockPasses(train, arena, source, weights, codewordCount);
  blocks.setCodebook(codebook);
  return (start) => blocks.passOver(start);
};

/** Passes over the rows by a pool, whose threads read the rows in place. */
export function parallelPass(pool: WorkerPool<PassTools>, rows: TrainingRows, passRows: PassRows): PassOver {
  return (codebook) =>
    pool.map(passOverBlocks, { place: rows.place(), ...passRows, codebook }, blockStarts(rows.rowCount));
}
