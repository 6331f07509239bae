import type { FeatureTable } from "../../train/build/build-options.ts";
import type { FeatureOptions } from "./feature-table.ts";
import type { FormatName } from "./formats.ts";

/** A file of N embedding vectors of D values, read in chunks of rows. */
export interface EmbeddingInput {
  readonly itemCount: number;
  readonly dim: number;
  /** Rows of the file that were left out, which all else here does not count. */
  readonly dropped: number;
  /** Bytes of memory that it takes besides chunks, as far as they depend on the file. */
  readonly memoryBytes: number;
  /**
   * Chunks of at most `chunkRows` rows in order, from `firstRow` (default 0) to the end, each f32 of rows × dim, which
   * the next chunk overwrites. Values that are not finite are refused.
   */
  rows(chunkRows: number, firstRow?: number): AsyncIterable<Float32Array<ArrayBuffer>>;
  /** A number for each row, if the caller named a bias. */
  bias(): Promise<Float32Array<ArrayBuffer> | undefined>;
  /** And how often each occurs, if the caller named a file of counts. */
  counts(): Promise<Float32Array<ArrayBuffer> | undefined>;
  /** The labels of the rows, all of them different, if the file has them or the caller named a file of labels. */
  labels(): Promise<readonly string[] | undefined>;
  /** The table that queries are made of, if the caller named it. */
  features(): Promise<FeatureTable | undefined>;
  close(): Promise<void>;
}

export interface InputOptions extends FeatureOptions {
  /** Default: what the extension says. */
  readonly format?: FormatName | undefined;
  /** The tensor, array or column; may be missing if only one could be meant. */
  readonly tensor?: string | undefined;
  /** The bias: a tensor of the same file where tensors have names, or another file. */
  readonly bias?: string | undefined;
  /** Counts, likewise. */
  readonly counts?: string | undefined;
  /** A file with the label of each row on a line, in place of those in the file itself. */
  readonly labels?: string | undefined;
  /** Needed for raw f32; for the others it must be what the file says. */
  readonly dim?: number | undefined;
  /** As in TableRequest. */
  readonly dimOf?: string | undefined;
  /** The remedy that a message about a value that is not finite names. */
  readonly invalidRemedy?: string | undefined;
  /** As in TableRequest. */
  readonly header?: "present" | "absent" | undefined;
  readonly idField?: string | false | undefined;
  /** Leaves out rows with a value that is not finite or of larger magnitude; undefined: they are refused. */
  readonly dropAbove?: number | undefined;
  /** The stream that the path "-" stands for. */
  readonly standardInput?: AsyncIterable<Uint8Array> | undefined;
}

/** Values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 1 << 20;

/** All rows: `data` is f32 of N × D. */
export async function readAll(
  input: EmbeddingInput,
): Promise<{ data: Float32Array<ArrayBuffer>; shape: [itemCount: number, dim: number] }> {
  const { itemCount, dim } = input;
  const data = new Float32Array(itemCount * dim);
  let filled = 0;
  for await (const chunk of input.rows(Math.max(1, Math.floor(CHUNK_VALUES / Math.max(1, dim))))) {
    data.set(chunk, filled);
    filled += chunk.length;
  }
  return { data, shape: [itemCount, dim] };
}
