import type { FeatureFacts, RowType } from "../format/facts.ts";
import type { RecallCurve } from "../format/recall-curve.ts";

/** Facts about an index file. */
export interface FileInfo {
  /** N. */
  readonly itemCount: number;
  /** D. */
  readonly dim: number;
  /** K: codewords of each of the two codebooks. */
  readonly codewordCount: number;
  /** Buckets with at least one class. */
  readonly bucketCount: number;
  /** Classes of the fullest bucket. */
  readonly largestBucket: number;
  readonly quantizer: "pq" | "rq";
  /** How rows are stored; scores are exact for the stored rows. */
  readonly rows: RowType;
  readonly metric: "dot" | "cosine";
  readonly hasBias: boolean;
  /** Built with `fineCodes`: topK takes `rescore`. */
  readonly hasFineCodes: boolean;
  /** Its classes have names: `labels` and `idsOf` give them. */
  readonly hasLabels: boolean;
  /** Of the table that `query` reads, of an index built with one. */
  readonly features?: FeatureFacts;
  /** faiss-like, such as "RQ2x8,SQ8". */
  readonly factory: string;
  /** SHA-256 of the header, which holds every tensor's checksum; hex. */
  readonly contentId: string;
  readonly formatVersion: string;
  readonly builder: string;
  readonly fileBytes: number;
}

/** Facts about a loaded index. */
export interface IndexInfo extends FileInfo {
  /** WASM memory of this index, all of it. */
  readonly memoryBytes: number;
  /** What topK found for what work, measured by the build; no points where it was not. */
  readonly recallCurves: readonly RecallCurve[];
}
