import type { FeatureTable } from "../../train/build/build-options.ts";
import type { ColumnOptions, InputColumns } from "./declared-columns.ts";
import type { FeatureOptions } from "./feature-table.ts";
import type { FormatName } from "./formats.ts";
import type { Sources } from "./source.ts";
import type { InputColumnNames } from "./table.ts";

/** An open file of N embedding vectors of D values, read in chunks of rows. */
export interface EmbeddingInput {
  readonly itemCount: number;
  readonly dim: number;
  /** The number of rows of the file that were left out. All other members ignore these rows. */
  readonly dropped: number;
  /** The bytes of memory that the file takes in addition to chunks. */
  readonly memoryBytes: number;
  /** Reading the rows again costs little more than keeping them in memory would. */
  readonly readsAgain: boolean;
  /**
   * Yields chunks of at most `chunkRows` rows in order, from `firstRow` (default 0) to the end. Each chunk is f32 (rows,
   * dim) and overwritten by the next one. Values that are not finite or too large are refused.
   */
  rows(chunkRows: number, firstRow?: number): AsyncIterable<Float32Array<ArrayBuffer>>;
  /** Reads one number per row, if the caller named a bias. */
  bias(): Promise<Float32Array<ArrayBuffer> | undefined>;
  /** The tensors of the file that are the bias of each row by their names and shapes, if the caller named no bias. */
  readonly unusedBiases: readonly string[];
  /** The keys of the metadata that no option declares. */
  readonly unusedKeys: readonly string[];
  /** The columns that the values come from, and those that are left out, if the file has several columns. */
  readonly inputColumns: InputColumnNames | undefined;
  /** Reads how often each row occurs, if the caller named counts. */
  counts(): Promise<Float32Array<ArrayBuffer> | undefined>;
  /** Returns the labels of the rows, all different, if the file has them or the caller named a file of labels. */
  labels(): Promise<readonly string[] | undefined>;
  /** Reads the columns and the namespaces that the caller declared. */
  columns(): Promise<InputColumns | undefined>;
  /** Reads the table of features, if the caller named one. */
  features(): Promise<FeatureTable | undefined>;
  close(): Promise<void>;
}

export interface InputOptions extends FeatureOptions, ColumnOptions, Sources {
  /** Default: from the extension. */
  readonly format?: FormatName | undefined;
  /** See TableRequest. */
  readonly takesFormat?: boolean;
  /** The tensor, array or column. Default: the only candidate. */
  readonly tensor?: string | undefined;
  /** The bias: a tensor of the same file where tensors have names, or another file. */
  readonly bias?: string | undefined;
  /** The counts: a tensor of the same file where tensors have names, or another file. */
  readonly counts?: string | undefined;
  /** A file with one label per row, which replaces those in the file itself. */
  readonly labels?: string | undefined;
  /** Required for raw f32. For other formats it must match the file. */
  readonly dim?: number | undefined;
  /** See TableRequest. */
  readonly dimOf?: string | undefined;
  /** The largest magnitude of a value of a row that is not left out. Default: that of f32. */
  readonly limit?: number | undefined;
  /** The advice in a message about a value that is not finite or too large. */
  readonly invalidRemedy?: string | undefined;
  /** See TableRequest. */
  readonly header?: "present" | "absent" | undefined;
  readonly idField?: string | false | undefined;
  /** Leaves out rows with a value that is not finite or has a larger magnitude. Undefined: such rows are refused. */
  readonly dropAbove?: number | undefined;
}

/** The number of values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 1 << 20;

/** Reads all rows. `data` is f32 (N, D). */
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
