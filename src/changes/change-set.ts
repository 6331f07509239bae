import type { Vector } from "../checks/check.ts";
import type { ColumnValue } from "../format/columns.ts";
import type { ChangesInfo } from "../index/info.ts";

/** Classes to add, or to give another row. */
export interface Upserts {
  /**
   * The label of each class. An index without labels takes ids as labels, "17" for class 17, and next to its last class
   * "100000" for the first that is added. If a label comes again, its last row counts.
   */
  readonly labels: readonly string[];
  /** The rows end to end, `info.dim` values for each label, rounded to f32. They are stored as the build stores rows. */
  readonly rows: Vector;
  /** The bias of each class, only for an index with biases. */
  readonly biases?: Vector;
  /**
   * Values of the classes in columns of the index, by name: one for each label. `null` says that a class has no value, and
   * `undefined` that it keeps its value, as all classes do in columns that are not named. A new class then has none.
   */
  readonly columns?: Readonly<Record<string, ArrayLike<ColumnValue | null | undefined>>>;
  /** The namespace of each class, only for an index with namespaces; `null` and `undefined` as for columns. */
  readonly namespaces?: ArrayLike<string | null | undefined>;
}

/** Changes of the classes of an index. The labels of upserts and removals differ. */
export interface ChangeSet {
  /** Default: none. */
  readonly upserts?: Upserts;
  /** The labels of classes that answers no longer contain. A label that the index does not have is no error. */
  readonly removals?: readonly string[];
  /** The name of the space that the rows are of. An index that was built with another name refuses them. */
  readonly space?: string;
}

/** The place of changes in the log of all changes of a version. */
export interface SequenceOption {
  /**
   * The sequence number of the changes, at least 1. An index that has reached it already stays as it is. Default: the number of
   * the index plus 1.
   */
  readonly sequence?: number;
}

/** The effect of changes. */
export interface AppliedChanges {
  /** The sequence number of the index. */
  readonly sequence: number;
  /** The number of classes that have another row, the new ones among them. */
  readonly upserted: number;
  /** The number of classes that were removed. Labels that the index does not have are not counted. */
  readonly removed: number;
}

/** The effect that changes would have. */
export interface CheckedChanges extends Pick<ChangesInfo, "rowCount" | "addedCount"> {
  /** The number of classes that would have another row, the new ones among them. */
  readonly upserted: number;
  /** The number of classes that would be removed. */
  readonly removed: number;
}

/** A limit that is checked beside the changes themselves. */
export interface CheckOptions {
  /**
   * The most rows and new labels that changes may hold, in each part of a PartedIndex. Changes that add none may exceed it.
   * Default and maximum: the number that there is memory for, an option of load.
   */
  readonly maxDelta?: number;
}

/**
 * The longest label of a row, in bytes of UTF-8. It is the same for a class of the file as for a new one, so that a class which was
 * removed can come back after a compaction. Indexes hold the labels of all changes in memory.
 */
export const MOST_LABEL_BYTES = 1024;
