import { CODE_BLOCK, FINE_CODEWORDS, FINE_DIMS } from "../abi.ts";
import { FormatError } from "../bytes/format-error.ts";
import type { TensorSpec } from "../bytes/safetensors.ts";
import { MAX_BITS, MAX_DIM, MAX_ITEMS, MAX_LABEL_BYTES, MAX_POSITIONS } from "./limits.ts";
import {
  type FactReaders,
  flag,
  integer,
  integerOf,
  type Metadata,
  matching,
  oneOf,
  quote,
  readFacts,
  seed,
  textsOf,
} from "./metadata.ts";
import { CURVE_FIELDS, CURVE_KS, CURVE_POINTS } from "./recall-curve.ts";

/** What the metadata of an index file say, in file order: every shape of the file follows from these. */
export interface IndexFacts {
  /** Name and version of the program that wrote the file. */
  readonly builder: string;
  /** N. */
  readonly itemCount: number;
  /** D. */
  readonly dim: number;
  /** K = 2^bits codewords in each codebook. */
  readonly bits: number;
  readonly quantizer: "pq" | "rq";
  /** How rows are stored; scores are exact for the stored rows. */
  readonly rows: RowType;
  readonly metric: "dot" | "cosine";
  readonly hasBias: boolean;
  /** Built with `fineCodes`: topK takes `rescore`. */
  readonly hasFineCodes: boolean;
  /** Its classes have names: `labels` and `idsOf` give them. */
  readonly hasLabels: boolean;
  /** Bytes of all labels in UTF-8. */
  readonly labelBytes: number;
  /** The table that `query` reads, where the index was built with one. */
  readonly features?: FeatureFacts;
  /** Buckets with at least one class. */
  readonly bucketCount: number;
  /** Classes of the fullest bucket. */
  readonly largestBucket: number;
  /** Seed of the build, modulo 2^64. */
  readonly seed: bigint;
  /** XXH64 of the embedding values and biases the index was built from, 16 hex digits. */
  readonly source: string;
}

export type RowType = "f32" | "f16" | "i8";

/** A query is Σ_k w_k P[k] ⊙ E[f_k] over the features f of a bag, without P where there are no positions. */
export interface FeatureFacts {
  /** Rows of E. */
  readonly featureCount: number;
  /** Rows of P; 0 without. */
  readonly positionCount: number;
  readonly pooling: Pooling;
  readonly hasFeatureLabels: boolean;
  /** Bytes of all their labels in UTF-8. */
  readonly featureLabelBytes: number;
}

/** What each of n features weighs where nothing is said: 1, 1/n or 1/√n. */
export type Pooling = (typeof POOLINGS)[number];
export const POOLINGS = ["sum", "mean", "sqrtn"] as const;

/** How each fact is read, in file order; the facts of features stand between two tables. */
const SHAPE_FACTS: FactReaders<Omit<IndexFacts, "features" | keyof typeof BUILD_FACTS>> = {
  builder: matching(/^[\x20-\x7e]{1,64}$/),
  itemCount: integer(0, MAX_ITEMS),
  dim: integer(1, MAX_DIM),
  bits: integer(0, MAX_BITS),
  quantizer: oneOf("pq", "rq"),
  rows: oneOf("f32", "f16", "i8"),
  metric: oneOf("dot", "cosine"),
  hasBias: flag,
  hasFineCodes: flag,
  hasLabels: flag,
  labelBytes: integerOf(({ hasLabels }) => [0, hasLabels ? MAX_LABEL_BYTES : 0]),
};

const FEATURE_FACTS: FactReaders<FeatureFacts> = {
  featureCount: integer(1, MAX_ITEMS),
  positionCount: integer(0, MAX_POSITIONS),
  pooling: oneOf(...POOLINGS),
  hasFeatureLabels: flag,
  featureLabelBytes: integerOf(({ hasFeatureLabels }) => [0, hasFeatureLabels ? MAX_LABEL_BYTES : 0]),
};

const BUILD_FACTS: FactReaders<Pick<IndexFacts, "bucketCount" | "largestBucket" | "seed" | "source">> = {
  bucketCount: integerOf(({ itemCount, bits }) => [Math.min(1, itemCount), Math.min(itemCount, 4 ** bits)]),
  largestBucket: integerOf(({ itemCount, bucketCount }) => [
    Math.ceil(itemCount / Math.max(1, bucketCount)),
    itemCount,
  ]),
  seed,
  source: matching(/^[0-9a-f]{16}$/),
};

export type TensorName =
  | "codebook1"
  | "codebook2"
  | "bucketCodes"
  | "bucketOffsets"
  | "ids"
  | "bias"
  | "fineCodebooks"
  | "fineCodes"
  | "recallCurves"
  | "rowScales"
  | "rows"
  | LabelTensor<"label">
  | "features"
  | "featurePositions"
  | LabelTensor<"featureLabel">;

/** The tensors of a table of labels (labels.ts). */
type LabelTensor<Prefix extends LabelPrefix> = `${Prefix}${"Offsets" | "Order" | "Text"}`;
/** Of the classes, and of the features. */
export type LabelPrefix = "label" | "featureLabel";

/** Every tensor is a whole number of 16-byte vectors. */
const VECTOR_BYTES = 16;
const padTo = (count: number, multiple: number): number => Math.ceil(count / multiple) * multiple;

const ROW_DTYPE = { f32: "F32", f16: "F16", i8: "I8" } as const;
export const ROW_VALUE_BYTES = { f32: 4, f16: 2, i8: 1 } as const;

/** Values of the query that each codebook sees: all of them (RQ), or one half each, the first the longer (PQ). */
export function codebookDims(facts: Pick<IndexFacts, "dim" | "quantizer">): [number, number] {
  if (facts.quantizer === "rq") return [facts.dim, facts.dim];
  const first = Math.ceil(facts.dim / 2);
  return [first, facts.dim - first];
}

/** Values of a stored row, zero padding included. */
export const paddedRow = (facts: Pick<IndexFacts, "dim" | "rows">): number =>
  padTo(facts.dim, VECTOR_BYTES / ROW_VALUE_BYTES[facts.rows]);

/** f32 values of a stored codeword, zero padding included; at least one vector. */
export const paddedCodeword = (dim: number): number => padTo(Math.max(1, dim), 4);

/**
 * Sub-quantizers of the fine codes, each of FINE_DIMS values of a row and 4 bits: an even number, so the last can be one of
 * zeros. 0 without fine codes.
 */
export const fineCount = ({ dim, hasFineCodes }: Pick<IndexFacts, "dim" | "hasFineCodes">): number =>
  hasFineCodes ? padTo(Math.ceil(dim / FINE_DIMS), 2) : 0;

/** Blocks of CODE_BLOCK rows. */
export const codeBlocks = ({ itemCount }: Pick<IndexFacts, "itemCount">): number => Math.ceil(itemCount / CODE_BLOCK);

/** The tensors of a file, in file order: the table that parse, serialise and FORMAT.md share. */
export function tensorTable(facts: IndexFacts): NamedSpec[] {
  const codewordCount = 2 ** facts.bits;
  const [dim1, dim2] = codebookDims(facts);
  const items = padTo(facts.itemCount, 4);
  const buckets = padTo(facts.bucketCount, 4);
  const table: NamedSpec[] = [
    { name: "codebook1", dtype: "F32", shape: [codewordCount, paddedCodeword(dim1)] },
    { name: "codebook2", dtype: "F32", shape: [codewordCount, paddedCodeword(dim2)] },
    { name: "bucketCodes", dtype: "I32", shape: [buckets] },
    { name: "bucketOffsets", dtype: "I32", shape: [padTo(facts.bucketCount + 1, 4)] },
    { name: "ids", dtype: "I32", shape: [items] },
  ];
  if (facts.hasBias) table.push({ name: "bias", dtype: "F32", shape: [items] });
  if (facts.hasFineCodes) {
    table.push({ name: "fineCodebooks", dtype: "F32", shape: [fineCount(facts), FINE_DIMS, FINE_CODEWORDS] });
    table.push({ name: "fineCodes", dtype: "U8", shape: [codeBlocks(facts), fineCount(facts), CODE_BLOCK / 2] });
    table.push({ name: "recallCurves", dtype: "F32", shape: [CURVE_KS.length, CURVE_POINTS, CURVE_FIELDS] });
  }
  if (facts.rows === "i8") table.push({ name: "rowScales", dtype: "F32", shape: [items] });
  table.push({ name: "rows", dtype: ROW_DTYPE[facts.rows], shape: [facts.itemCount, paddedRow(facts)] });
  if (facts.hasLabels) table.push(...labelTensors("label", facts.itemCount, facts.labelBytes));
  if (facts.features) {
    const { featureCount, positionCount, hasFeatureLabels, featureLabelBytes } = facts.features;
    const width = paddedCodeword(facts.dim);
    table.push({ name: "features", dtype: "F32", shape: [featureCount, width] });
    if (positionCount > 0) table.push({ name: "featurePositions", dtype: "F32", shape: [positionCount, width] });
    if (hasFeatureLabels) table.push(...labelTensors("featureLabel", featureCount, featureLabelBytes));
  }
  return table;
}

type NamedSpec = TensorSpec & { readonly name: TensorName };

const labelTensors = (prefix: LabelPrefix, count: number, bytes: number): NamedSpec[] => [
  { name: `${prefix}Offsets`, dtype: "I32", shape: [padTo(count + 1, 4)] },
  { name: `${prefix}Order`, dtype: "I32", shape: [padTo(count, 4)] },
  { name: `${prefix}Text`, dtype: "U8", shape: [padTo(bytes, VECTOR_BYTES)] },
];

export const FORMAT_VERSION = "1.0";

/** The metadata that say the facts, in file order; checksums follow them (header.ts). */
export function factsToMetadata(facts: IndexFacts): Record<string, string> {
  return {
    format: "midx",
    formatVersion: FORMAT_VERSION,
    ...textsOf(SHAPE_FACTS, facts),
    ...(facts.features && textsOf(FEATURE_FACTS, facts.features)),
    ...textsOf(BUILD_FACTS, facts),
  };
}

/** Reads and bounds the facts. FormatError: foreign-file, format-version, metadata-missing, metadata-value. */
export function factsFromMetadata(metadata: Metadata): IndexFacts {
  if (metadata.format !== "midx") {
    throw new FormatError(
      "foreign-file",
      0,
      `a safetensors file, but no index: "format" of its metadata expected "midx", got ${quote(metadata.format)}`,
    );
  }
  const version = metadata.formatVersion ?? "";
  if (!/^1\.\d{1,4}$/.test(version)) {
    throw new FormatError("format-version", 0, `"formatVersion" expected 1.x, got ${quote(version)}`);
  }
  const shape = readFacts(SHAPE_FACTS, metadata, {});
  return {
    ...shape,
    ...(metadata.featureCount !== undefined && { features: readFacts(FEATURE_FACTS, metadata, {}) }),
    ...readFacts(BUILD_FACTS, metadata, shape),
  };
}
