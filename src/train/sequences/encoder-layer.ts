import type { Table, Tables } from "../model/tables.ts";
import type { Packed } from "./packed.ts";

/** Computes the queries of the positions of a batch, and takes the gradients back. */
export interface EncoderLayer {
  /** Address of the queries, f32 (positions, dim), in the order of windows. */
  readonly queries: number;
  /** Address of the gradients of the queries. `forward` sets them to 0 and `backward` reads them. */
  readonly gradients: number;
  /** Address of the items of the last batch, i32 (positions), in the order in which the encoder reads them. */
  readonly itemIds: number;
  /** Address of the gradients of the items' vectors, f32 (positions, dim), in that order, after `backward`. */
  readonly itemGradients: number;
  /** Address of the targets of the last batch, i32 (positions), in the order of windows. */
  readonly targets: number;
  /** Sets the states before the first step to 0. */
  reset(): void;
  /** `step` is the number of the step, by which values are dropped. Without it no value is dropped. */
  forward(packed: Packed, step?: number): void;
  /** Keeps the states at the ends of the windows as the states before the next batch. */
  carry(packed: Packed): void;
  /** Adds to the gradients of the weights. */
  backward(packed: Packed, step: number): void;
}

/** Addresses of the gradients of tables. */
export type WeightGradients = (table: Table) => number;

/** The inputs of learning in a layer, beside the tables. */
export interface Learning {
  readonly dropout: number;
  readonly seed: bigint;
  readonly gradientOf: WeightGradients;
}

/** Returns the table of the vectors of items. */
export const itemsOf = (tables: Tables): Table => tables.features ?? tables.classes;
