import type { ColumnValue } from "../format/columns.ts";

/** Tells whether a value, null for none, meets the condition of a filter for its column. */
export type ValueTest = (value: ColumnValue | null) => boolean;

/** The values that changes have given a class, by the place of the column: null for none, undefined for that of the file. */
export type GivenValues = readonly (ColumnValue | null | undefined)[];

/** The values that changes have given the classes of added rows. */
export interface AddedValues {
  /** The classes, by row. */
  readonly ids: Int32Array;
  /** For each column, the distinct values, and for each row the place of its value among them, or −1 for that of the file. */
  readonly columns: readonly { readonly codes: Int32Array; readonly distinct: readonly (ColumnValue | null)[] }[];
}

/** The classes that a filter of columns leaves out. */
export interface Filtered {
  /** Tells whether a class is filtered out. */
  has(id: number): boolean;
  /** Returns a flag for each added row, 1 if its class is filtered out. */
  addedOut(added: AddedValues): Uint8Array;
}

/** The ids of classes that changes have removed. */
export interface RemovedIds {
  readonly size: number;
  has(id: number): boolean;
}

/** The effects of changes on the classes of a file (src/changes). Rows that were added lie behind those of the file. */
export interface Delta {
  /**
   * A bit for each position up to the capacity of the plan, 32 a word and the lowest bit first. It is set where no class is
   * answered: rows of the file that were removed or superseded, and the places behind the last row.
   */
  readonly gone: Int32Array;
  /**
   * Sets the bits of `gone` in those of a filter, and those of added rows whose classes a filter of columns leaves out.
   * Returns the number of classes that are left.
   */
  leaveOut(bits: Int32Array, filtered?: Filtered): number;
  /** The number of classes that are answered. */
  readonly classCount: number;
  /** The number of ids, those of removed classes included. */
  readonly idCount: number;
  /** The ids of classes that were removed. */
  readonly removedIds: RemovedIds;
  /** Throws a RangeError that names the first of these ids that was removed. */
  refuseRemoved(ids: Int32Array): void;
  /** The label of a class that the file does not have. */
  labelOf(id: number): string;
  /** The id of a class with this label that has a row of changes, −1 if changes added and removed it, or undefined for others. */
  find(label: string): number | undefined;
  /** The values that changes have given a class. Undefined if they have given it none. */
  valuesOf(id: number): GivenValues | undefined;
  /** Makes a test of the condition of a checked filter for a column, to be applied to the values of many classes. */
  testOf(wanted: unknown): ValueTest;
}
