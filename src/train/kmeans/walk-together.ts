import { type ClusteredRows, openClustered } from "../rows/clustered-rows.ts";
import type { RowsPlace, TrainingRows } from "../rows/training-rows.ts";
import { startArena } from "../runtime/arena.ts";
import type { Crew, Task, TrainTools } from "../runtime/crew.ts";
import { type BlockPass, blockStarts, planVisits, type Walk } from "./block-visits.ts";

export interface WalkTools extends TrainTools {
  /** The training rows that lie there. */
  openRows(place: RowsPlace): TrainingRows;
}

export interface WalkedRows extends ClusteredRows {
  /** f64 (rowCount). */
  readonly weights: Float64Array;
  readonly codewordCount: number;
}

interface WalkPlan extends WalkedRows {
  readonly place: RowsPlace;
  readonly codebook: Float32Array;
}

/** A pass of k-means; a piece is the first row of a block. */
export const visitBlocks: Task<WalkTools, WalkPlan, number, BlockPass> = ({ train, openRows }, plan) => {
  const { place, weights, codewordCount, codebook } = plan;
  const arena = startArena(train);
  const source = openClustered(train, arena, openRows(place), plan);
  const visitor = planVisits(train, arena, source, weights, codewordCount);
  visitor.setCodebook(codebook);
  return (start) => visitor.visit(start);
};

/** A walk by a crew, whose members read the rows where they lie. */
export function walkTogether(crew: Crew<WalkTools>, rows: TrainingRows, walked: WalkedRows): Walk {
  return (codebook) =>
    crew.perform(visitBlocks, { place: rows.place(), ...walked, codebook }, blockStarts(rows.rowCount));
}
