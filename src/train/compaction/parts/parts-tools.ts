import type { IndexInfo } from "../../../index/info.ts";
import type { Manifest, ManifestPart } from "../../../publication/manifest.ts";
import { carriedStatistics } from "../../../publication/merged-statistics.ts";
import type { Compaction, CompactOptions } from "../compact-options.ts";
import type { ChangesInOrder } from "../resolved-changes.ts";

/** The functions of a runtime that a compaction of parts works with. */
export interface PartsTools {
  readonly compact: (file: Uint8Array, changes: ChangesInOrder, options: CompactOptions) => Promise<Compaction>;
  /** Checks an index file by loading it, and returns its facts as a Worker has them. */
  readonly describe: (file: Uint8Array<ArrayBuffer>) => Promise<IndexInfo>;
  /** Measures merged answers of the new parts, or carries the measurements of the older ones over. */
  readonly measure: (parts: readonly MeasuredPartFile[], older: Manifest) => PartsMeasures | Promise<PartsMeasures>;
}

/** The files of the parts of a manifest, and those of the next one as they are made. */
export interface PartFiles {
  /** Reads the file of a part: of the published manifest, or of the next one. */
  read(part: ManifestPart): Promise<Uint8Array<ArrayBuffer>>;
  /** Keeps a compacted file until it is published. Returns the part as the next manifest names it. */
  keep(part: ManifestPart, file: Uint8Array<ArrayBuffer>, info: IndexInfo): Promise<ManifestPart>;
}

/** A part in its place, whose file is read whenever it is needed. */
export interface MeasuredPartFile {
  readonly number: number;
  readonly classes: number;
  readonly idBase: number;
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** The measurements of merged answers. */
export interface PartsMeasures extends Pick<Manifest, "recallCurves" | "calibration" | "statistics"> {
  /** Present if recall curves and calibration are those of the older version. */
  readonly carried?: true;
}

/** Carries the measurements of the older version over. */
export const carriedMeasures = ({ recallCurves, calibration, statistics }: Manifest): PartsMeasures => ({
  recallCurves,
  calibration,
  ...(statistics && { statistics: carriedStatistics(statistics) }),
  ...((recallCurves || calibration) && { carried: true }),
});
