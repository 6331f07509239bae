import type { CalibrationFacts } from "../format/calibration.ts";
import type { PublicFacts, RowType } from "../format/facts.ts";
import type { RecallCurve } from "../format/recall-curve.ts";
import type { ReportFacts } from "../format/report.ts";

/**
 * Facts about an index file, as its header states them. Files of format 1 say neither what rows were weighed by nor what
 * recall was measured on.
 */
export interface FileInfo extends PublicFacts, Partial<ReportFacts> {
  /** The number of outliers: classes far from their bucket's codewords, which every head scores. */
  readonly outlierCount: number;
  /** What the error bars were calibrated with; absent if they were not calibrated for this index. */
  readonly calibration?: CalibrationFacts;
  /** The type of the stored rows: "f32", "f16" or "i8". Scores are exact for the stored rows. */
  readonly rowType: RowType;
  /** K, the number of codewords in each of the two codebooks. */
  readonly codewordCount: number;
  /** The kind of index in the style of faiss, such as "RQ2x8,SQ8": quantizer and bits, fine codes, row type. */
  readonly factory: string;
  /**
   * The SHA-256 of the header in hexadecimal. The header holds the checksum of every tensor, so it identifies the
   * content.
   */
  readonly contentId: string;
  /** The version of the file format, such as "2.0" (FORMAT.md). */
  readonly formatVersion: string;
  /** The size of the file in bytes. */
  readonly fileBytes: number;
}

/** Facts about a loaded index. */
export interface IndexInfo extends FileInfo {
  /** The WebAssembly memory of this index in bytes, with the file and all scratch space. */
  readonly memoryBytes: number;
  /** The recall of topK by the work it takes, measured by the build; without points if the build did not measure it. */
  readonly recallCurves: readonly RecallCurve[];
}
