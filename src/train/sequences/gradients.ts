import type { ModelKernels } from "../model/kernels.ts";
import type { Optimizer } from "../model/optimizer.ts";
import { planSlots } from "../model/slots.ts";
import type { Table } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";

/** Gradients of the rows of tables that have the same rows: of all rows, or of those that a batch touches. */
export interface RowGradients {
  /** Addresses of the gradients of each table. */
  readonly gradients: readonly number[];
  /** Writes the places, i32 (count), of the gradients of the rows at `ids`. */
  assign(ids: number, count: number, places: number): void;
  /** Visits all gradients: an address and a number of values. */
  each(visit: (address: number, count: number) => void): void;
  /** Updates the rows and sets all gradients to 0. */
  step(optimizer: Optimizer): void;
}

/** Plans gradients of at most `most` rows that a batch touches. */
export function planTouched(kernels: ModelKernels, arena: Arena, tables: readonly Table[], most: number): RowGradients {
  const slots = planSlots(kernels, arena, tables, most);
  return {
    gradients: slots.gradients,
    assign: slots.assign,
    each(visit) {
      for (const [i, { width }] of tables.entries()) visit(slots.gradients[i] as number, slots.touchedCount() * width);
    },
    step: slots.step,
  };
}

/** Plans gradients of all rows. */
export function planDense(arena: Arena, tables: readonly Table[]): RowGradients {
  const rows = Math.max(...tables.map((table) => table.rows));
  const ids = arena.take(rows * 4);
  const identity = arena.i32(ids, rows);
  for (let row = 0; row < rows; row++) identity[row] = row;
  const gradients = tables.map((table) => arena.take(table.rows * table.width * 4));
  const each: RowGradients["each"] = (visit) => {
    for (const [i, table] of tables.entries()) visit(gradients[i] as number, table.rows * table.width);
  };
  each((address, count) => arena.f32(address, count).fill(0));
  return {
    gradients,
    assign(some, count, places) {
      arena.i32(places, count).set(arena.i32(some, count));
    },
    each,
    step(optimizer) {
      for (const [i, table] of tables.entries()) optimizer.step(table, gradients[i] as number, ids, table.rows);
      each((address, count) => arena.f32(address, count).fill(0));
    },
  };
}

/**
 * Scales all gradients together so that their Euclidean norm is at most `most`. 0 leaves them. Returns the norm before, or 0
 * if it was not needed.
 */
export function clip(kernels: ModelKernels, all: readonly RowGradients[], most: number): number {
  if (most === 0) return 0;
  let squares = 0;
  for (const { each } of all) {
    each((address, count) => {
      squares += kernels.sumOfSquares(address, count);
    });
  }
  const norm = Math.sqrt(squares);
  if (!(norm > most)) return norm;
  for (const { each } of all) each((address, count) => kernels.scaleValues(address, count, most / norm));
  return norm;
}
