import type { Names } from "../../checks/function-options.ts";
import type { ColumnType } from "../../format/columns.ts";
import type { RowType } from "../../format/facts.ts";
import type { Pooling } from "../../format/features.ts";
import type { RowWeights } from "../../format/report.ts";
import type { CalibrationReport } from "../calibration/add-calibration.ts";
import type { CalibrationEffort } from "../calibration/grid.ts";
import type { FitOptions, FitReport } from "../fitting/fit-options.ts";
import type { QuantizerKind } from "../kmeans/quantizer-options.ts";
import type { RecallReport } from "../recall/recall-curves.ts";
import type { Matrix } from "../rows/matrix.ts";
import type { Moves } from "./moves.ts";

/** The table of feature vectors, (features, D), that queries are made from: a query is a weighted sum of its rows. */
export interface FeatureTable extends Matrix {
  /**
   * f32 (positions, D): the first feature of a bag is multiplied, value by value, by the first row, the second feature
   * by the second row, and so on. Default: no factors.
   */
  readonly positions?: Float32Array;
  /** Distinct names of the features, one per row. `encode` then takes names as well as ids. Default: none. */
  readonly labels?: readonly string[];
  /**
   * The default weight of each of the n features of a bag: "sum" is 1, "mean" is 1/n, "sqrtn" is 1/√n. Default "sum".
   */
  readonly pooling?: Pooling;
}

/** An encoder of sequences: a model of `trainSequences`, or weights of PyTorch's modules under the same names. */
export interface EncoderModel {
  /** The form of the encoder. */
  readonly shape: {
    /** "gru": a GRU of one layer. "attention": blocks of causal self-attention. */
    readonly encoder?: "gru" | "attention";
    /** The number of values of the state of a GRU. */
    readonly units?: number;
    /** The number of blocks of attention. */
    readonly blocks?: number;
    /** The number of heads of a block. Default 1. */
    readonly heads?: number;
    /** The most items that attention reads. */
    readonly length?: number;
    /** "tied": items have the vectors of the classes. "own": they have those of the table `features`. */
    readonly items?: "tied" | "own";
  };
  /**
   * f32: `gru.inputWeight` (3 units, D), `gru.inputBias` (3 units), `gru.stateWeight` (3 units, units) and `gru.stateBias` (3
   * units) are weight_ih_l0, bias_ih_l0, weight_hh_l0 and bias_hh_l0 of PyTorch. `projection.weight` (D, units) and
   * `projection.bias` (D) follow where a state has another width than a row, and may follow elsewhere: the state in the file then
   * has one more value, which is 0. `classes` or `features` (N, D) are the vectors of the items.
   *
   * With attention: `attention.positions` (length, D); `normWeight` and `normBias` ((2 blocks + 1) D) of LayerNorm, for each
   * block the norm before attention and the one after it, then the last norm; and for all blocks one after the other
   * `inputWeight` (3 D, D), `inputBias`, `outputWeight` (D, D) and `outputBias`, in_proj and out_proj of MultiheadAttention,
   * and `innerWeight`, `innerBias`, `outerWeight`, `outerBias` of the layers behind it.
   */
  readonly tables: Readonly<Partial<Record<string, Float32Array>>>;
}

/** A column of metadata, which calls filter by. */
export interface ColumnTable {
  /** The type of the values. */
  readonly type: ColumnType;
  /**
   * A value for each class, or null for none; NaN is none too. A string has at most 64 bytes of UTF-8, and a number is
   * finite.
   */
  readonly values: ArrayLike<string | number | boolean | null | undefined>;
}

/** The progress of a build. */
export interface BuildProgress {
  /**
   * "read" counts rows, "train" passes, "fit" steps, "encode" rows, each of them twice, "write" bytes, and "calibrate"
   * queries.
   */
  readonly phase: "read" | "train" | "fit" | "encode" | "write" | "calibrate";
  /** The part of the phase that is done. */
  readonly done: number;
  /** The end of the phase, in the same unit. */
  readonly total: number;
}

/** A report on the index that was built. */
export interface BuildReport {
  /** N, the number of classes. */
  readonly itemCount: number;
  /** Number of buckets that have a class. */
  readonly bucketCount: number;
  /** Number of classes of the largest bucket. */
  readonly largestBucket: number;
  /** Number of outliers: classes far from their bucket's codewords, which belong to no bucket. */
  readonly outlierCount: number;
  /** The weights of rows in k-means. With reused codebooks, those that the older index states. */
  readonly weights: RowWeights;
  /** Bytes of the file per class. */
  readonly bytesPerRow: number;
  /** √(Σ‖row − stored row‖² / Σ‖row‖²): the error of storing rows as `rowType`. */
  readonly rowError: number;
  /** √(Σ‖stored row − codewords‖² / Σ‖stored row‖²): the part of the rows that buckets do not capture. */
  readonly residualShare: number;
  /** The queries that the recall curves were measured with. Absent where there are no curves. */
  readonly recall?: RecallReport;
  /** The calibration of the error bars and its time in seconds. Absent where the build made none. */
  readonly calibration?: CalibrationReport;
  /** The classes that changed their bucket since the older index. Only with `warmFrom`. */
  readonly moves?: Moves;
  /** The steps that the fit tried and kept. Only with `fit`. */
  readonly fit?: FitReport;
}

/** Options of `build`. */
export interface BuildOptions {
  /** N finite biases, which are added to the logits. Default: none. */
  readonly bias?: ArrayLike<number>;
  /**
   * N class counts ≥ 0. k-means weights rows by their square root. Default: it weights them by e^(bias / 4), or all the same
   * without biases.
   */
  readonly counts?: ArrayLike<number>;
  /** N distinct names, which the file stores. `index.labels` returns them. Default: none. */
  readonly labels?: readonly string[];
  /**
   * Up to 10 columns by name, which the file stores and `filter` of every call takes, such as
   * `{ price: { type: "number", values: prices } }`. A name has at most 512 characters, none of them ", and does not begin
   * with $. Default: none.
   */
  readonly columns?: Readonly<Record<string, ColumnTable>>;
  /** The namespace of each class, of at most 64 bytes, or null for none. `namespace` of every call takes one. Default: none. */
  readonly namespaces?: ArrayLike<string | null | undefined>;
  /**
   * A name of the space of rows and queries, such as the model that made them with its version: 1 to 64 letters, digits, ., _
   * or -. `info.space` states it, and changes that name another are refused. Default: none.
   */
  readonly space?: string;
  /** A table of feature vectors, which the file stores as f32. `index.encode` makes queries from it. Default: none. */
  readonly features?: FeatureTable;
  /**
   * An encoder of sequences of classes, with which `index.encode` makes a query of a sequence, bit for bit that of the
   * trained model (docs/sequences.md). Not beside `features`. Rows of "f32" serve a tied encoder too; beside others, the file
   * stores the vectors of the items as f32 as well. Default: none.
   */
  readonly encoder?: EncoderModel;
  /** "rq": residual quantizer, or "pq": product quantizer (docs/method.md, section 1). Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the number of codewords per codebook, 0 … 10. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /** The type of the stored rows: "f32", "f16" or "i8", which has one scale per row. Default "i8". */
  readonly rowType?: RowType;
  /**
   * Stores fine codes, half a byte for every two values of a row, and measures the recall curves. topK with `rescore`
   * or `recall` and the proposal "codes" need them. Default false.
   */
  readonly fineCodes?: boolean;
  /**
   * Stores the rounding errors of int8 rows, in as many bytes as the rows take. topK then ranks and scores by rows of 16
   * bits, and reads the residuals of few rows (docs/method.md, section 9). Default false.
   */
  readonly residuals?: boolean;
  /**
   * f32 (n, D): queries that resemble those to come. Error bars are calibrated, and recall curves measured, with them. Default:
   * up to 256 stand-ins, made from the rows and biases, on which recall curves keep a larger margin. `fit` requires queries, and
   * the index is then measured with those that the fit holds out.
   */
  readonly queries?: Float32Array;
  /**
   * Fits codebooks and codes to `queries`. Draws and estimates get closer to the softmax at no cost per query. Default:
   * no fit.
   */
  readonly fit?: FitOptions;
  /**
   * The effort of the calibration of error bars: "quick" makes 16 calls with each of 100 of the `queries` or 32 stand-ins,
   * "full" 60 calls with each of 400 or 256. With an `encoder`, the stand-ins are 256 or 400 sequences that the model draws.
   * "off" measures nothing: bars are those of the formulas, and sampled answers say `calibrated: false`. Default "quick".
   */
  readonly calibrate?: CalibrationEffort;
  /** "dot", or "cosine", which stores rows at unit length. Default "dot". */
  readonly metric?: "dot" | "cosine";
  /** Seed of all random numbers, taken mod 2⁶⁴. Default 0. */
  readonly seed?: number | bigint;
  /**
   * The file of an index that was built from an earlier state of the table, with the same D. The build reuses its
   * codebooks and takes quantizer, bits and metric from it. A FormatError tells where the file is damaged. Default:
   * none.
   */
  readonly warmFrom?: Uint8Array;
  /** Updates of each older codebook by k-means, 0 … 1,000. Only with `warmFrom`. Default 0. */
  readonly warmPasses?: number;
  /** Called as the build makes progress. Default: nothing is called. */
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Called once, with a report on the finished index. Default: nothing is called. */
  readonly onReport?: (report: BuildReport) => void;
  /** Aborts the build, which then rejects with the reason of the signal. Default: none. */
  readonly signal?: AbortSignal;
}

/** The names of all options of a build. */
export const BUILD_OPTIONS: Names<BuildOptions> = {
  columns: true,
  namespaces: true,
  space: true,
  encoder: true,
  bias: true,
  counts: true,
  labels: true,
  features: true,
  quantizer: true,
  bits: true,
  rowType: true,
  fineCodes: true,
  residuals: true,
  queries: true,
  fit: true,
  calibrate: true,
  metric: true,
  seed: true,
  warmFrom: true,
  warmPasses: true,
  onProgress: true,
  onReport: true,
  signal: true,
};

export const FEATURE_OPTIONS: Names<FeatureTable> = {
  data: true,
  shape: true,
  positions: true,
  labels: true,
  pooling: true,
};
