import type { RowType } from "./facts.ts";
import type { OpenedIndex } from "./opened-index.ts";

/** Facts about a loaded index. */
export interface IndexInfo {
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
  /** faiss-like, such as "RQ2x8,SQ8". */
  readonly factory: string;
  /** SHA-256 of the header, which holds every tensor's checksum; hex. */
  readonly contentId: string;
  readonly formatVersion: string;
  readonly builder: string;
  readonly fileBytes: number;
  /** WASM memory of this index, all of it. */
  readonly memoryBytes: number;
}

const ROW_FACTORY = { f32: "Flat", f16: "SQfp16", i8: "SQ8" } as const;

export function describe({ header, kernels, contentId }: OpenedIndex): IndexInfo {
  const { itemCount, dim, bits, bucketCount, largestBucket, quantizer, rows, metric, hasBias, builder } = header.facts;
  return {
    itemCount,
    dim,
    codewordCount: 2 ** bits,
    bucketCount,
    largestBucket,
    quantizer,
    rows,
    metric,
    hasBias,
    factory: `${quantizer.toUpperCase()}2x${bits},${ROW_FACTORY[rows]}`,
    contentId,
    formatVersion: header.formatVersion,
    builder,
    fileBytes: header.fileBytes,
    memoryBytes: kernels.memory.buffer.byteLength,
  };
}
