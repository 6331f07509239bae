import type { Vector } from "../checks/check.ts";
import type { ChangesInfo } from "../index/info.ts";
import type { ColumnValue } from "../memory/columns.ts";

/** Classes to add, or to give another row. */
export interface Upserts {
  /**
   * The label of each class. An index without labels takes ids as labels, "17" for class 17, and next to its last class "100000"
   * for the first that is added. Of a label that comes again, the last row counts.
   */
  readonly labels: readonly string[];
  /** The rows end to end, `info.dim` values for each label, rounded to f32. They are stored as the build stores rows. */
  readonly rows: Vector;
  /** The bias of each class, for an index with biases alone. */
  readonly biases?: Vector;
  /**
   * Values of the classes in columns of the index, by name: one for each label. `null` says that a class has no value, and
   * `undefined` that it keeps the one it has, as all do in columns that are not named. A class that is new has none then.
   */
  readonly columns?: Readonly<Record<string, ArrayLike<ColumnValue | null | undefined>>>;
  /** The namespace of each class, for an index with namespaces alone; `null` and `undefined` as for columns. */
  readonly namespaces?: ArrayLike<string | null | undefined>;
}

/** Changes of the classes of an index. The labels of upserts and removals differ. */
export interface ChangeSet {
  /** Default: none. */
  readonly upserts?: Upserts;
  /** The labels of classes that are to be answered no more. A label that the index does not have is no error. */
  readonly removals?: readonly string[];
  /** The name of the space that the rows are of. An index that was built with the name of another refuses them. */
  readonly space?: string;
}

/** Where changes stand in the log of all changes of a version. */
export interface SequenceOption {
  /**
   * The sequence number of the changes, at least 1. An index that is as far already stays as it is. Default: that of the index
   * plus 1.
   */
  readonly sequence?: number;
}

/** What changes did. */
export interface AppliedChanges {
  /** The sequence number of the index. */
  readonly sequence: number;
  /** The number of classes that have another row, the new ones among them. */
  readonly upserted: number;
  /** The number of classes that were removed. Labels that the index does not have are not counted. */
  readonly removed: number;
}

/** What changes would do. */
export interface CheckedChanges extends Pick<ChangesInfo, "rowCount" | "addedCount"> {
  /** The number of classes that would have another row, the new ones among them. */
  readonly upserted: number;
  /** The number of classes that would be removed. */
  readonly removed: number;
}

/** What is checked beside the changes themselves. */
export interface CheckOptions {
  /**
   * The most rows and new labels that changes may hold, in each part of a PartedIndex. Changes that add none may exceed it. Default,
   * and at most: what there is memory for, an option of load.
   */
  readonly maxDelta?: number;
}

/** The largest label of a class that changes add, in bytes of UTF-8. */
export const MOST_LABEL_BYTES = 64;
