import type { Vector } from "../checks/check.ts";
import type { ChangesInfo } from "../index/info.ts";

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
}

/** Changes of the classes of an index. The labels of upserts and removals differ. */
export interface ChangeSet {
  /** Default: none. */
  readonly upserts?: Upserts;
  /** The labels of classes that are to be answered no more. A label that the index does not have is no error. */
  readonly removals?: readonly string[];
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

/** The largest label of a class that changes add, in bytes of UTF-8. */
export const MOST_LABEL_BYTES = 64;
