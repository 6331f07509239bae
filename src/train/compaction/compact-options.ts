import type { Names } from "../../checks/function-options.ts";
import type { MeasureOrigin } from "../../format/compaction.ts";

/** Options of `compact`. */
export interface CompactOptions {
  /**
   * The source of the calibration of error bars and of the recall curves. "quick" and "full" measure them on the new index, as
   * a build does. "carry" takes them over from the older index; `info.compaction` then says that nothing was measured on this
   * index. Those of an index with an encoder are carried unless there are `queries`. Default "quick".
   */
  readonly calibrate?: "quick" | "full" | "carry";
  /** f32 (n, D): queries that resemble those to come, to measure with. Default: stand-ins, made from the rows and biases. */
  readonly queries?: Float32Array;
  /**
   * "ids": an index without labels becomes one with labels, which are the ids that its classes had. Default: such an index
   * takes no removals that would give other classes new ids.
   */
  readonly labels?: "ids";
  /**
   * The sequence number of the last change, for a log that counts otherwise. It is at least that of the files of changes.
   * Default: that of the changes; each change set counts one.
   */
  readonly sequence?: number;
  /** The most bytes that the files, the changes and the work on them may take. Default: no limit. */
  readonly maxBytes?: number;
  /** Aborts the compaction, which then rejects with the reason of the signal. Default: none. */
  readonly signal?: AbortSignal;
}

/** The names of all options. */
export const COMPACT_OPTIONS: Names<CompactOptions> = {
  calibrate: true,
  queries: true,
  labels: true,
  sequence: true,
  maxBytes: true,
  signal: true,
};

/** A new index file, and a report on the classes. */
export interface Compaction {
  /** The bytes of the new index file. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** The report on the compaction. */
  readonly report: CompactionReport;
}

/** The report on a compaction. */
export interface CompactionReport {
  /** The content id of the older index. */
  readonly base: string;
  /** The sequence number of the last change that the new index has. */
  readonly sequence: number;
  /** The number of classes of the new index. */
  readonly itemCount: number;
  /** The number of classes of the older index whose row stays. */
  readonly kept: number;
  /** The number of classes of the older index that have another row. */
  readonly replaced: number;
  /** The number of classes of the older index that were removed. */
  readonly removed: number;
  /** The number of classes that the older index did not have. */
  readonly added: number;
  /** The number of classes whose codes were computed: those with a new row, and the outliers of the older index. */
  readonly coded: number;
  /** The number of outliers of the new index. */
  readonly outlierCount: number;
  /**
   * The new id of each class, by its id in an index that was loaded from the older file and has the changes; −1 for a class
   * that is not left.
   */
  readonly newIds: Int32Array;
  /** The source of the calibration of the error bars. */
  readonly calibration: MeasureOrigin;
  /** The source of the recall curves. */
  readonly curves: MeasureOrigin;
  /** The source of the statistics that gauges of drift compare with. */
  readonly statistics: MeasureOrigin;
}
