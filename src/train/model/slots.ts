import type { Arena } from "../runtime/arena.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Table } from "./tables.ts";

/** Gradients of the rows that a batch touches, in one table or in several tables with the same rows. */
export interface Slots {
  /** Addresses of the gradients of each table, f32 (touched rows, width). */
  readonly gradients: readonly number[];
  /** Writes the slots, i32 (count), of the `count` rows at `ids`. The gradient of a new slot is 0. */
  assign(ids: number, count: number, slots: number): void;
  /** Returns the number of rows that have a slot. */
  touchedCount(): number;
  /** Updates the touched rows and releases their slots. */
  step(optimizer: Optimizer): void;
}

/** Allocates slots for at most `most` touched rows. */
export function planSlots(kernels: ModelKernels, arena: Arena, tables: readonly Table[], most: number): Slots {
  const rows = (tables[0] as Table).rows;
  const capacity = Math.min(most, rows);
  const slotOf = arena.take(rows * 4);
  const touched = arena.take(capacity * 4);
  const gradientTables = tables.map((table) => ({ table, gradients: arena.take(capacity * table.width * 4) }));
  arena.i32(slotOf, rows).fill(-1);
  let count = 0;
  return {
    gradients: gradientTables.map(({ gradients }) => gradients),
    assign(ids, idCount, slots) {
      const before = count;
      count = kernels.assignSlots(ids, idCount, slotOf, touched, count, slots);
      for (const { table, gradients } of gradientTables) {
        arena.f32(gradients + before * table.width * 4, (count - before) * table.width).fill(0);
      }
    },
    touchedCount: () => count,
    step(optimizer) {
      for (const { table, gradients } of gradientTables) optimizer.step(table, gradients, touched, count);
      kernels.releaseSlots(slotOf, touched, count);
      count = 0;
    },
  };
}
