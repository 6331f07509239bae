import type { Names } from "../../checks/function-options.ts";
import type { RowType } from "../../format/facts.ts";
import type { Pooling } from "../../format/features.ts";
import type { FitOptions, FitReport } from "../fitting/fit-options.ts";
import type { QuantizerKind } from "../kmeans/quantizer-options.ts";
import type { Matrix } from "../rows/matrix.ts";
import type { Moves } from "./moves.ts";

/** The table that queries are made from: f32 (features, D) vectors, of which a query is a weighted sum. */
export interface FeatureTable extends Matrix {
  /** f32 (positions, D): factors, value by value, of the first feature of a bag, of the second … Default: none. */
  readonly positions?: Float32Array;
  /** Distinct names of the features. */
  readonly labels?: readonly string[];
  /** The weight of each of n features where a query says nothing: 1, 1/n or 1/√n. Default "sum". */
  readonly pooling?: Pooling;
}

export interface BuildProgress {
  /** "read" and "encode" count rows, which "encode" takes twice; "train" counts passes, "fit" steps, "write" bytes. */
  readonly phase: "read" | "train" | "fit" | "encode" | "write";
  readonly done: number;
  readonly total: number;
}

/** A report of the index that was built. */
export interface BuildReport {
  readonly itemCount: number;
  readonly bucketCount: number;
  readonly largestBucket: number;
  readonly bytesPerRow: number;
  /** √(Σ‖row − stored row‖² / Σ‖row‖²): what storing the rows as `rowType` costs. */
  readonly rowError: number;
  /** √(Σ‖stored row − codewords‖² / Σ‖stored row‖²): what the buckets know of a row. */
  readonly residualShare: number;
  /** With `warmFrom`: of the classes that both indexes have, how many are in another bucket now. */
  readonly moves?: Moves;
  /** With `fit`: what was tried and what of it was kept. */
  readonly fit?: FitReport;
}

export interface BuildOptions {
  /** N biases, added to the logits exactly. */
  readonly bias?: ArrayLike<number>;
  /** N class counts ≥ 0: k-means weighs rows by their square root. */
  readonly counts?: ArrayLike<number>;
  /** N distinct names, which the file carries: `labels` of the loaded index gives them. */
  readonly labels?: readonly string[];
  /** Goes into the file as it is, so that `encode` of the loaded index makes queries of features. */
  readonly features?: FeatureTable;
  /** Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the codewords per codebook, 0 … 10. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /** How rows are stored. Default "i8". */
  readonly rowType?: RowType;
  /** Half a byte for every two values of a row: what topK with `rescore` or `recall` reads first. Default false. */
  readonly fineCodes?: boolean;
  /**
   * f32 (n, D): queries like those to come. With `fineCodes` recall is measured with them, default 256 of the rows; with
   * `fit` they are what is fitted to, and recall is measured with those that no step learned from.
   */
  readonly queries?: Float32Array;
  /** Fits codebooks and codes to the queries: draws and estimates are nearer to the softmax, at no cost for a query. */
  readonly fit?: FitOptions;
  /** Default "dot". "cosine" stores rows at unit length. */
  readonly metric?: "dot" | "cosine";
  /** Default 0. */
  readonly seed?: number | bigint;
  /**
   * The file of an index of an earlier state of the table, with the same dim: its codebooks are taken over, with quantizer,
   * bits and metric, which need not be given then.
   */
  readonly warmFrom?: Uint8Array;
  /** With `warmFrom`: updates of each codebook by k-means, which starts from what is taken over. Default 0. */
  readonly warmPasses?: number;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly onReport?: (report: BuildReport) => void;
  readonly signal?: AbortSignal;
}

/** The names of all options of a build. */
export const BUILD_OPTIONS: Names<BuildOptions> = {
  ...{ bias: true, counts: true, labels: true, features: true, quantizer: true, bits: true, rowType: true },
  ...{ fineCodes: true, queries: true, fit: true, metric: true, seed: true, warmFrom: true, warmPasses: true },
  ...{ onProgress: true, onReport: true, signal: true },
};

export const FEATURE_OPTIONS: Names<FeatureTable> = {
  ...{ data: true, shape: true, positions: true, labels: true, pooling: true },
};
