import { LIMIT_EXPONENT } from "../../abi.ts";
import { checkArray, kindOf, shown } from "../../checks/check.ts";
import { MAX_BITS, MAX_DIM, type Pooling, type RowType } from "../../format/facts.ts";
import type { IndexInfo } from "../../index/info.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import type { FitOptions, FitReport } from "../fitting/fit-options.ts";
import type { QuantizerKind } from "../kmeans/quantizer-options.ts";
import type { Moves } from "./moves.ts";

/** f32 (N, D), row-major. */
export interface Matrix {
  readonly data: Float32Array;
  readonly shape: readonly [number, number];
}

/** What queries are made of: f32 (features, D) vectors, of which a query is a weighted sum. */
export interface FeatureTable extends Matrix {
  /** f32 (positions, D): factors, value by value, of the first feature of a bag, of the second … Default: none. */
  readonly positions?: Float32Array;
  /** Distinct names of the features. */
  readonly labels?: readonly string[];
  /** What each of n features weighs where a query says nothing: 1, 1/n or 1/√n. Default "sum". */
  readonly pooling?: Pooling;
}

export interface BuildProgress {
  /** "read" and "encode" count rows, which "encode" takes twice; "train" counts passes, "fit" steps, "write" bytes. */
  readonly phase: "read" | "train" | "fit" | "encode" | "write";
  readonly done: number;
  readonly total: number;
}

/** What was made. */
export interface BuildReport {
  readonly itemCount: number;
  readonly bucketCount: number;
  readonly largestBucket: number;
  readonly bytesPerRow: number;
  /** √(Σ‖row − stored row‖² / Σ‖row‖²): what storing the rows as `rows` costs. */
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
  /** Goes into the file as it is, so that `query` of the loaded index makes queries of features. */
  readonly features?: FeatureTable;
  /** Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the codewords per codebook, 0 … 10. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /** How rows are stored. Default "i8". */
  readonly rows?: RowType;
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

// Arguments of build. TypeError and RangeError name the argument, what was expected and what was given.

const LIMIT = 2 ** LIMIT_EXPONENT;
/** Of a row's values: codewords and radii can be 4 √D ≤ 2⁸ times as large, and a file holds nothing above LIMIT. */
const ROW_LIMIT = 2 ** (LIMIT_EXPONENT - 8);
const HALF_LIMIT = 65504;

/** Largest magnitude of a value of the rows. */
export const rowLimit = (rows: RowType): number => (rows === "f16" ? HALF_LIMIT : ROW_LIMIT);

export function checkMatrix(matrix: Matrix): void {
  if (!Array.isArray(matrix?.shape)) {
    throw new TypeError(`"embeddings" expected { data, shape: [rows, values a row] }, got ${kindOf(matrix)}`);
  }
  const { data, shape } = matrix;
  const [itemCount, dim] = shape;
  checkFloats("data", data);
  checkShape(itemCount, dim);
  if (data.length !== itemCount * dim) {
    throw new RangeError(`"data" expected ${itemCount} × ${dim} = ${itemCount * dim} values, got ${data.length}`);
  }
}

export function checkFloats(name: string, values: Float32Array): void {
  if (!(values instanceof Float32Array))
    throw new TypeError(`"${name}" expected a Float32Array, got ${kindOf(values)}`);
  checkArray(name, values, "values");
}

export function checkShape(itemCount: number, dim: number): void {
  if (!Number.isInteger(itemCount) || itemCount < 0 || itemCount >= 2 ** 31) {
    throw new RangeError(`"shape"[0] expected 0..2^31-1 rows, got ${itemCount}`);
  }
  if (!Number.isInteger(dim) || dim < 1 || dim > MAX_DIM) {
    throw new RangeError(`"shape"[1] expected 1..${MAX_DIM} values a row, got ${dim}`);
  }
}

export function checkVector(
  name: string,
  values: ArrayLike<number> | undefined,
  count: number,
  least: number,
): Float32Array | undefined {
  if (values === undefined) return undefined;
  checkArray(name, values, "numbers");
  if (values.length !== count) throw new RangeError(`"${name}" expected ${count} values, got ${values.length}`);
  const rounded = values instanceof Float32Array ? values : Float32Array.from(values);
  const bad = rounded.findIndex((value) => !(value >= least && Math.abs(value) <= LIMIT));
  if (bad >= 0) {
    const range = least === 0 ? "a finite value of at least 0" : "a finite value of magnitude at most 2^40";
    throw new RangeError(`"${name}"[${bad}] expected ${range}, got ${values[bad]}`);
  }
  return rounded;
}

/** The facts of an index. TypeError for what is none. */
export function checkIndex(index: MultiIndex): IndexInfo {
  const { info }: Partial<MultiIndex> = Object(index);
  if (typeof info?.dim !== "number") throw new TypeError(`"index" expected a loaded index, got ${kindOf(index)}`);
  return info;
}

/** Queries to measure recall with, or to fit to. */
export function checkQueries(queries: Float32Array | undefined, dim: number): void {
  if (queries === undefined) return;
  checkFloats("queries", queries);
  if (queries.length % dim !== 0) {
    throw new RangeError(`"queries" expected n × ${dim} values, got ${queries.length}`);
  }
  checkVector("queries", queries, queries.length, Number.NEGATIVE_INFINITY);
}

export function checkBits(bits: number): number {
  if (!Number.isInteger(bits) || bits < 0 || bits > MAX_BITS) {
    throw new RangeError(`"bits" expected an integer in 0..${MAX_BITS}, got ${bits}`);
  }
  return bits;
}

export function checkOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new RangeError(`"${name}" expected ${known.join(" or ")}, got ${shown(value)}`);
}
