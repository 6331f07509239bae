import { Option } from "commander";
import type { Upserts } from "../../changes/index.ts";
import { MAGNITUDE_LIMIT } from "../../checks/check.ts";
import type { ColumnValue } from "../../format/columns.ts";
import { MAX_DIM } from "../../format/limits.ts";
import { optionGroup } from "../arguments/option-group.ts";
import { columnList, integer } from "../arguments/values.ts";
import type { InputColumns } from "../inputs/declared-columns.ts";
import { FORMAT_NAMES, type FormatName } from "../inputs/formats.ts";
import { readAll } from "../inputs/input.ts";
import { openInput } from "../inputs/open.ts";
import type { InputColumnNames } from "../inputs/table.ts";

/** The options by which tables of changes are read, as `midx build` reads its table. */
export interface TableArguments {
  readonly format?: FormatName;
  readonly tensor?: string;
  readonly bias?: string;
  readonly idField?: string | false;
  readonly labels?: string;
  readonly header?: "present" | "absent";
  readonly dim?: number;
  readonly columns?: string;
  readonly metadata?: string;
  readonly namespaceField?: string;
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
  new Option(
    "--columns <list>",
    "columns of the index that the table has values for, as names with types: price:number,stock:boolean; a row without a value has none then",
  ).argParser(columnList),
  new Option("--namespace-field <name>", "column or key with the namespace of each row, or a key of --metadata"),
  new Option("--metadata <file>", "file with one JSON object per row that --columns and --namespace-field are keys of"),
  new Option("--dim <D>", "values per row, required for raw f32").argParser(integer(1, MAX_DIM)),
]);

/** A table states all values of its columns, so a class has no value if its row has none. */
function statedIn({ columns, namespaces }: InputColumns = {}): LabelledRows["values"] {
  const stated = <T>(values: ArrayLike<T | null | undefined>): (T | null)[] =>
    Array.from(values, (value) => value ?? null);
  return {
    ...(columns && {
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, { values }]) => [name, stated<ColumnValue>(values)]),
      ),
    }),
    ...(namespaces && { namespaces: stated<string>(namespaces) }),
  };
}

/** Rows with labels, and biases if the caller named some. */
export interface LabelledRows {
  readonly labels: readonly string[];
  readonly dim: number;
  /** f32, end to end. */
  readonly rows: Float32Array;
  readonly biases: Float32Array | undefined;
  /** See EmbeddingInput. */
  readonly unusedKeys: readonly string[];
  readonly inputColumns: InputColumnNames | undefined;
  /** The values in the columns and namespaces that the caller named. A row without a value has null. */
  readonly values: Pick<Upserts, "columns" | "namespaces">;
}

/**
 * Reads a table of rows with labels.
 *
 * @throws RangeError for a table without labels, and for a number of values other than `dim`
 */
export async function readLabelledRows(
  path: string,
  dim: number,
  options: TableArguments,
  stdin: AsyncIterable<Uint8Array> | undefined,
): Promise<LabelledRows> {
  const input = await openInput(path, {
    ...options,
    takesFormat: true,
    dim,
    dimOf: "the index",
    limit: MAGNITUDE_LIMIT,
    standardInput: stdin,
  });
  try {
    const labels = await input.labels();
    if (labels === undefined) {
      throw new RangeError(
        `${path}: expected labels of the rows: name a column by '--id-field', or a file by '--labels'`,
      );
    }
    const { data } = await readAll(input);
    const { unusedKeys, inputColumns } = input;
    const values = statedIn(await input.columns());
    return { labels, dim, rows: data, biases: await input.bias(), unusedKeys, inputColumns, values };
  } finally {
    await input.close();
  }
}
