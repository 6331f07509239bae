import { FormatError } from "../bytes/format-error.ts";
import type { TensorSpec } from "../bytes/safetensors.ts";
import { FEATURES, type FeatureFacts } from "./features.ts";
import { MAX_BITS, MAX_DIM, MAX_ITEMS, MAX_LABEL_BYTES } from "./limits.ts";
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
import { bucketedCount, readSections, type Sections, sectionList, sectionTexts } from "./sections.ts";

/** The facts of an index file that users see under the same names. */
export interface PublicFacts {
  /** The name and version of the program that wrote the file. */
  readonly builder: string;
  /** N, the number of classes. */
  readonly itemCount: number;
  /** D, the number of values in a row or a query. */
  readonly dim: number;
  /** "rq" (residual): both codewords have D values and add up. "pq" (product): each stands for one half of a row. */
  readonly quantizer: "pq" | "rq";
  /**
   * "dot": a score is the inner product of query and row. "cosine": the query is scaled to unit length, as the rows
   * are.
   */
  readonly metric: "dot" | "cosine";
  /** Scores include a bias for each class. */
  readonly hasBias: boolean;
  /** The index has fine codes: `topK` takes `rescore` and `recall`, and other calls take `proposal: "codes"`. */
  readonly hasFineCodes: boolean;
  /** The classes have names: `labels` and `idsOf` work. */
  readonly hasLabels: boolean;
  /** Facts about the table of features that `encode` reads; absent if the index was built without one. */
  readonly features?: FeatureFacts;
  /** The number of buckets with at least one class. */
  readonly bucketCount: number;
  /** The number of classes in the fullest bucket. */
  readonly largestBucket: number;
}

/** The facts in the metadata of an index file. All shapes of the file follow from them. */
export interface IndexFacts extends PublicFacts, Sections {
  /** Each codebook has K = 2^bits codewords. */
  readonly bits: number;
  /** The type of the stored rows. Scores are exact for the stored rows. */
  readonly rows: RowType;
  /** The size of all labels in UTF-8, in bytes. */
  readonly labelBytes: number;
  /** The seed of the build, modulo 2^64. */
  readonly seed: bigint;
  /** The XXH64 of the embedding values and biases from which the index was built, 16 hex digits. */
  readonly source: string;
}

/** The type of stored rows: 4, 2 or 1 byte per value. Rows of `"i8"` have a scale each. */
export type RowType = "f32" | "f16" | "i8";

/**
 * The reader of each fact, in file order. The facts about features stand between the two tables, and those of sections
 * behind the second.
 */
const SHAPE_FACTS: FactReaders<Omit<IndexFacts, "features" | keyof Sections | keyof typeof BUILD_FACTS>> = {
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

const BUILD_FACTS: FactReaders<Pick<IndexFacts, "bucketCount" | "largestBucket" | "seed" | "source">> = {
  bucketCount: integerOf(({ bucketedCount, bits }) => [Math.min(1, bucketedCount), Math.min(bucketedCount, 4 ** bits)]),
  largestBucket: integerOf(({ bucketedCount, bucketCount }) => [
    Math.ceil(bucketedCount / Math.max(1, bucketCount)),
    bucketedCount,
  ]),
  seed,
  source: matching(/^[0-9a-f]{16}$/),
};

/** The version of the files that this program writes. It reads all of 1.x, which have no sections, and of 2.x. */
export const FORMAT_VERSION = "2.0";

const hasSections = (version: string): boolean => version.startsWith("2.");

/** Writes the facts as metadata, in file order. Checksums follow them (header.ts). */
export function factsToMetadata(facts: IndexFacts, formatVersion: string = FORMAT_VERSION): Record<string, string> {
  return {
    format: "midx",
    formatVersion,
    ...(hasSections(formatVersion) && { sections: sectionList(facts) }),
    ...textsOf(SHAPE_FACTS, facts),
    ...FEATURES.texts(facts.features),
    ...textsOf(BUILD_FACTS, facts),
    ...sectionTexts(facts),
  };
}

/**
 * Reads the facts and checks their ranges. `tensors` are those of the header: sections that this program ignores state
 * their own. FormatError: foreign-file, format-version, metadata-missing, metadata-value, section, tensor-table.
 */
export function factsFromMetadata(metadata: Metadata, tensors: readonly TensorSpec[] = []): IndexFacts {
  if (metadata.format !== "midx") {
    throw new FormatError(
      "foreign-file",
      0,
      `a safetensors file but not an index: "format" of its metadata expected "midx", got ${quote(metadata.format)}`,
    );
  }
  const version = metadata.formatVersion ?? "";
  if (!/^[12]\.\d{1,4}$/.test(version)) {
    throw new FormatError("format-version", 0, `"formatVersion" expected 1.x or 2.x, got ${quote(version)}`);
  }
  const shape = readFacts(SHAPE_FACTS, metadata, {});
  const features = FEATURES.read(metadata);
  const sections = hasSections(version) ? readSections(metadata, tensors, shape) : {};
  const known = { ...shape, bucketedCount: bucketedCount({ ...shape, ...sections }) };
  return {
    ...shape,
    ...(features && { features }),
    ...readFacts(BUILD_FACTS, metadata, known),
    ...sections,
  };
}
