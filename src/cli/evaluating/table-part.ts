import type { MultiIndex } from "../../index.ts";

/** A part of a table, which is open only while it is used. An index file is the only part of its table. */
export interface TablePart {
  /** The number of its classes. */
  readonly classes: number;
  use<T>(action: (index: MultiIndex) => T | Promise<T>): Promise<T>;
}

/** The part of an index that is open already. */
export const onlyPart = (index: MultiIndex): TablePart => ({
  classes: index.info.itemCount,
  use: async (action) => action(index),
});
