import { FormatError } from "../bytes/format-error.ts";
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

/** How each fact is read, in file order; those of the sections stand between two tables. */
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

const BUILD_FACTS: FactReaders<Pick<IndexFacts, "bucketCount" | "largestBucket" | "seed" | "source">> = {
  bucketCount: integerOf(({ itemCount, bits }) => [Math.min(1, itemCount), Math.min(itemCount, 4 ** bits)]),
  largestBucket: integerOf(({ itemCount, bucketCount }) => [
    Math.ceil(itemCount / Math.max(1, bucketCount)),
    itemCount,
  ]),
  seed,
  source: matching(/^[0-9a-f]{16}$/),
};

export const FORMAT_VERSION = "1.0";

/** The metadata that say the facts, in file order; checksums follow them (header.ts). */
export function factsToMetadata(facts: IndexFacts): Record<string, string> {
  return {
    format: "midx",
    formatVersion: FORMAT_VERSION,
    ...textsOf(SHAPE_FACTS, facts),
    ...FEATURES.texts(facts.features),
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
  const features = FEATURES.read(metadata);
  return {
    ...shape,
    ...(features && { features }),
    ...readFacts(BUILD_FACTS, metadata, shape),
  };
}
