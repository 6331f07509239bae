import type { InputFile } from "../files/input-file.ts";

/** The rows of a file as they stand there, values that are not finite among them. */
export interface InputTable {
  readonly itemCount: number;
  readonly dim: number;
  /** Chunks of `chunkRows` rows, but for the last, in the order of the file from row `firstRow` on. */
  chunks(chunkRows: number, firstRow: number): AsyncIterable<Chunk>;
  /** The labels of the rows, if the file has them and the request asks for them. */
  readonly labels?: readonly string[] | undefined;
  /** Bytes that reading takes beside the chunks, if they depend on the file. */
  readonly readingBytes?: number;
  /** Lets go of what was opened besides the file that was given. */
  close?(): Promise<void>;
}

export interface Chunk {
  /** f32 of rows × dim, which the next chunk overwrites. */
  readonly values: Float32Array<ArrayBuffer>;
  /** The same before they were rounded to f32. */
  readonly given: ArrayLike<number>;
  /** Where a row of the chunk stands. */
  place(row: number): Place;
}

export interface Place {
  /** For a message: `row 3` counts from 0, as ids do, `line 4` of a text from 1. */
  readonly name: string;
  /** The byte of the file, or of the part of it, where it begins. */
  readonly offset: number;
}

/** A caller looks for a matrix of vectors (rank 2) or a vector of numbers, one for each item (rank 1). */
export interface TableRequest {
  readonly rank: 1 | 2;
  readonly tensor?: string | undefined;
  /** The option that names the tensor, for messages. Default: "tensor". */
  readonly option?: string | undefined;
  readonly dim?: number | undefined;
  /** Who says what `dim` has to be, for messages. Default: the option "dim". */
  readonly dimOf?: string | undefined;
  /** Whether the first line of a .csv file has the names of its columns; undefined: it shows. */
  readonly header?: "present" | "absent" | undefined;
  /** The column or key with the labels: this one; undefined: DEFAULT_ID_FIELD if there is one; false: none. */
  readonly idField?: string | false | undefined;
}

/** Never a value, whether or not labels are wanted. */
export const DEFAULT_ID_FIELD = "id";

/** Opens a table of one format, checking everything but its rows. The caller closes `file` after the table. */
export type OpenTable = (file: InputFile, request: TableRequest) => Promise<InputTable>;
