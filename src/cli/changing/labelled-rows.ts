import { Option } from "commander";
import { MAX_DIM } from "../../format/limits.ts";
import { optionGroup } from "../arguments/option-group.ts";
import { integer } from "../arguments/values.ts";
import { FORMAT_NAMES, type FormatName } from "../inputs/formats.ts";
import { readAll } from "../inputs/input.ts";
import { openInput } from "../inputs/open.ts";

/** How tables of changes are read, as `midx build` reads its table. */
export interface TableArguments {
  readonly format?: FormatName;
  readonly tensor?: string;
  readonly bias?: string;
  readonly idField?: string | false;
  readonly labels?: string;
  readonly header?: "present" | "absent";
  readonly dim?: number;
}

export const TABLE_OPTIONS = optionGroup("Input", [
  new Option("--format <name>", "format of the table (default: from the file extension)").choices(FORMAT_NAMES),
  new Option("--tensor <name>", "tensor, array, column or key that holds the rows (default: the only candidate)"),
  new Option("--bias <name>", "bias of each row: a tensor of the same file (.safetensors, .npz), or a file"),
  new Option(
    "--id-field <name>",
    "column or key with the labels of the rows, in .parquet, .csv and .jsonl (default: id)",
  ),
  new Option("--labels <file>", "text file with one label per row").conflicts("idField"),
  new Option("--header <state>", "whether a .csv file begins with column names (default: detected)").choices([
    "present",
    "absent",
  ]),
  new Option("--dim <D>", "values per row, required for raw f32").argParser(integer(1, MAX_DIM)),
]);

/** Rows with labels, and biases where the caller named some. */
export interface LabelledRows {
  readonly labels: readonly string[];
  readonly dim: number;
  /** f32, end to end. */
  readonly rows: Float32Array;
  readonly biases: Float32Array | undefined;
}

/**
 * Reads a table of rows with labels.
 *
 * @throws RangeError for a table without labels, and another number of values than `dim`
 */
export async function readLabelledRows(
  path: string,
  dim: number,
  options: TableArguments,
  stdin: AsyncIterable<Uint8Array> | undefined,
): Promise<LabelledRows> {
  const input = await openInput(path, { ...options, dim, dimOf: "the index", standardInput: stdin });
  try {
    const labels = await input.labels();
    if (labels === undefined) {
      throw new RangeError(
        `${path}: expected labels of the rows: name a column by '--id-field', or a file by '--labels'`,
      );
    }
    const { data } = await readAll(input);
    return { labels, dim, rows: data, biases: await input.bias() };
  } finally {
    await input.close();
  }
}
