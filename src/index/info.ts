import type { IndexFacts, RowType } from "../format/facts.ts";
import type { RecallCurve } from "../format/recall-curve.ts";

/** Facts about an index file. */
export interface FileInfo extends Omit<IndexFacts, "bits" | "labelBytes" | "seed" | "source" | "rows"> {
  /** How rows are stored; scores are exact for the stored rows. */
  readonly rowType: RowType;
  /** K: codewords of each of the two codebooks. */
  readonly codewordCount: number;
  /** faiss-like, such as "RQ2x8,SQ8". */
  readonly factory: string;
  /** SHA-256 of the header, which holds every tensor's checksum; hex. */
  readonly contentId: string;
  readonly formatVersion: string;
  readonly fileBytes: number;
}

/** Facts about a loaded index. */
export interface IndexInfo extends FileInfo {
  /** WASM memory of this index, all of it. */
  readonly memoryBytes: number;
  /** What topK found for what work, measured by the build; no points where it was not. */
  readonly recallCurves: readonly RecallCurve[];
}
