import type { InputFile } from "../files/input-file.ts";
import type { DeclaredField } from "./declared-columns.ts";

/** The rows of a file as they are stored, including values that are not finite. */
export interface InputTable {
  readonly itemCount: number;
  readonly dim: number;
  /** Yields chunks of `chunkRows` rows from row `firstRow` on, in the order of the file. The last chunk may be shorter. */
  chunks(chunkRows: number, firstRow: number): AsyncIterable<Chunk>;
  /** The labels of the rows, if the file has them and the request wants them. */
  readonly labels?: readonly string[] | undefined;
  /** The values of each field that the request wants, by row. */
  readonly fields?: readonly (readonly unknown[])[] | undefined;
  /** The tensors of the file that are the bias of each row by their names and shapes. */
  readonly biases?: readonly string[];
  /** The columns of a file that has several. */
  readonly inputColumns?: InputColumnNames | undefined;
  /** The rows lie in a file on this machine as numbers, so reading them again costs little. A change of the file is an error. */
  readonly readsAgain?: boolean;
  /** The memory that reading takes in addition to the chunks, if it depends on the file. */
  readonly readingBytes?: number;
  /** Closes resources other than the file that was passed to `open`. */
  close?(): Promise<void>;
}

/** The columns that a reader has told apart by what is in them. */
export interface InputColumnNames {
  /** The columns with the values of the rows. */
  readonly values: readonly string[];
  /** The columns that are neither values nor labels nor wanted otherwise. */
  readonly leftOut: readonly string[];
  /** Columns of values that look like ids of the rows. Absent if there are none. */
  readonly mayBeIds?: readonly string[];
}

export interface Chunk {
  /** f32 (rows, dim). The next chunk overwrites it. */
  readonly values: Float32Array<ArrayBuffer>;
  /** The values before they were rounded to f32. */
  readonly given: ArrayLike<number>;
  /** The column of each value of a row, as messages show it. Default: the number of the value. */
  readonly columns?: readonly string[] | undefined;
  /** Returns the place of a row of the chunk. */
  place(row: number): Place;
}

export interface Place {
  /** The place in a message: `row 3` counts from 0, like ids, and `line 4` of a text from 1. */
  readonly name: string;
  /** The byte of the file, or of its part, where the row begins. */
  readonly offset: number;
}

/**
 * The table that a caller needs: a matrix with one vector per class (rank 2), or a vector with one number per class (rank
 * 1).
 */
export interface TableRequest {
  readonly rank: 1 | 2;
  readonly tensor?: string | undefined;
  /** The option that names the tensor, for messages. Default: `tensor`. */
  readonly option?: string | undefined;
  readonly dim?: number | undefined;
  /** The source of the required `dim`, for messages. Default: the option `--dim`. */
  readonly dimOf?: string | undefined;
  /** The command has the option --format for this file. */
  readonly takesFormat?: boolean | undefined;
  /** States whether the first line of a .csv file has column names. Undefined: it is detected. */
  readonly header?: "present" | "absent" | undefined;
  /** The column or key with the labels. Undefined: DEFAULT_ID_FIELD if it exists. False: there is none. */
  readonly idField?: string | false | undefined;
  /** The file may have no labels although `idField` names them. */
  readonly mayLackIds?: boolean;
  /** Fields of the rows that are wanted beside their values. */
  readonly fields?: readonly DeclaredField[] | undefined;
}

/** The default id field. It never holds values, even if labels are not wanted. */
export const DEFAULT_ID_FIELD = "id";

/** Opens a table of one format and checks everything except its rows. The caller closes the table, and then `file`. */
export type OpenTable = (file: InputFile, request: TableRequest) => Promise<InputTable>;
