/** The classes that a filter of columns leaves out. */
export interface Filtered {
  /** Tells whether a class is filtered out. */
  has(id: number): boolean;
}

/** The values that changes have given a class, by the place of the column: null for none, undefined for that of the file. */
export type GivenValues = readonly (string | number | boolean | null | undefined)[];

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
  readonly removedIds: ReadonlySet<number>;
  /** Throws a RangeError that names the first of these ids that was removed. */
  refuseRemoved(ids: Int32Array): void;
  /** The label of a class that the file does not have. */
  labelOf(id: number): string;
  /** The id of a class with this label, −1 if it was removed, or undefined if changes say nothing about it. */
  find(label: string): number | undefined;
  /** The values that changes have given a class. Undefined if they have given it none. */
  valuesOf(id: number): GivenValues | undefined;
  /** Tells whether a value, null for none, passes a checked filter of its column. */
  passes(value: string | number | boolean | null, wanted: unknown): boolean;
}
