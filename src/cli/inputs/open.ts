import { quoteName } from "../../bytes/strict-json.ts";
import { MAGNITUDE_LIMIT } from "../../checks/check.ts";
import { checkShape } from "../../train/rows/matrix.ts";
import { naming, namingAll } from "../files/input-file.ts";
import { shownPath } from "../remote/address.ts";
import { columnsBytes, columnsOfFields, type DeclaredField, declaredFields } from "./declared-columns.ts";
import { readFeatures } from "./feature-table.ts";
import { type Allowed, refuseInvalid } from "./finite.ts";
import type { Format } from "./formats.ts";
import type { EmbeddingInput, InputOptions } from "./input.ts";
import { countKept, findValidRows, keptRow, keptRows } from "./kept-rows.ts";
import { checkUnique, labelsBytes, readLabelLines } from "./labels.ts";
import { readNamed } from "./named-table.ts";
import { openTable } from "./open-table.ts";
import { checkFields, checkValues, readMetadata } from "./row-fields.ts";
import { checkRowOrder, type LabelledFile } from "./row-order.ts";
import type { SourceFile } from "./source.ts";
import type { InputColumnNames, InputTable } from "./table.ts";
import { leadsToField } from "./unused-keys.ts";

/**
 * Opens a file of embeddings with the reader of `format` or of its extension. It checks everything except the rows, which
 * are checked as they are read, or here if invalid rows are left out.
 *
 * @throws RangeError for an option that does not suit the file, FormatError for a damaged file; both name the file
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<EmbeddingInput> {
  const { format: name, takesFormat, tensor, dim, dimOf, header, labels, metadata, dropAbove } = options;
  const { limit, invalidRemedy } = options;
  const declared = declaredFields(options);
  const fields = metadata === undefined ? declared : [];
  const idField = labels === undefined ? options.idField : false;
  const request = { rank: 2, takesFormat, tensor, dim, dimOf, header, idField, fields } as const;
  const { file, format, table } = await openTable(path, name, request, options);
  const close = async (): Promise<void> => {
    await table.close?.();
    await file.close();
  };
  const features = (): ReturnType<typeof readFeatures> => readFeatures(file, format, table.dim, options);
  try {
    await naming(file.path, async () => checkShape(table.itemCount, table.dim));
    if (metadata !== undefined) checkDeclared(file.path, declared, table);
    const kept = dropAbove === undefined ? undefined : await naming(file.path, () => findValidRows(table, dropAbove));
    const allLabels = labels === undefined ? table.labels : await readLabelLines(labels, table.itemCount, options);
    const labelsPath = labels === undefined ? file.path : shownPath(labels);
    const labelled = { path: labelsPath, labels: allLabels };
    const { values, unusedKeys, ...beside } =
      metadata === undefined
        ? { values: table.fields ?? [], unusedKeys: [], labels: undefined }
        : await readMetadata(metadata, table.itemCount, declared, options);
    const fieldsPath = metadata === undefined ? file.path : shownPath(metadata);
    checkRowOrder("metadata", { path: fieldsPath, ...beside }, labelled);
    checkFields(fieldsPath, declared, values);
    checkValues(fieldsPath, declared, values, kept);
    const columns = columnsOfFields(
      declared,
      kept ? values.map((own) => own.filter((_, row) => kept[row] === 1)) : values,
    );
    const rows = keptInput({ table, file, kept }, allLabels, labelsPath, { limit, remedy: invalidRemedy });
    const memoryBytes = rows.memoryBytes + columnsBytes(columns);
    const vectors = vectorsOf({ file, format, table, kept, labelled }, options);
    const unusedBiases = options.bias === undefined ? (table.biases ?? []) : [];
    const inputColumns = table.inputColumns && withoutFields(table.inputColumns, declared);
    return {
      ...rows,
      memoryBytes,
      ...vectors,
      unusedBiases,
      unusedKeys,
      inputColumns,
      columns: async () => columns,
      features,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Leaves out the columns whose values the metadata has. */
const withoutFields = (columns: InputColumnNames, declared: readonly DeclaredField[]): InputColumnNames => ({
  ...columns,
  leftOut: columns.leftOut.filter((name) => !leadsToField(name, declared)),
});

/** Refuses columns of the index that are in the metadata and also among the values of the table. */
function checkDeclared(path: string, declared: readonly DeclaredField[], { inputColumns }: InputTable): void {
  const twice = declared.find(({ name }) => inputColumns?.values.includes(name));
  if (twice === undefined) return;
  const { option, name } = twice;
  throw new RangeError(
    `${path}: '--${option}' expected ${quoteName(name)} in '--metadata' alone, and the table has it, too: leave it out of one of them`,
  );
}

/** Returns the rows that are kept, with their labels. */
function keptInput(
  { table, file, kept }: { table: InputTable; file: SourceFile; kept: Uint8Array | undefined },
  allLabels: readonly string[] | undefined,
  labelsPath: string,
  allowed: Allowed,
): Pick<EmbeddingInput, "itemCount" | "dim" | "dropped" | "memoryBytes" | "readsAgain" | "rows" | "labels"> {
  const { dim } = table;
  const itemCount = kept ? countKept(kept) : table.itemCount;
  if (itemCount === 0 && table.itemCount > 0) {
    const remedy = "look for NaN and Infinity in it";
    throw new RangeError(`${file.path}: '--drop-invalid' leaves out all ${table.itemCount} rows: ${remedy}`);
  }
  const valid = validRows(table, allowed);
  const labels = kept ? allLabels?.filter((_, row) => kept[row] === 1) : allLabels;
  if (labels) checkUnique(labelsPath, labels, (index) => (kept ? keptRow(kept, index) : index));
  return {
    itemCount,
    dim,
    dropped: table.itemCount - itemCount,
    memoryBytes:
      (table.readingBytes ?? 0) + (file.bufferBytes ?? 0) + (kept?.byteLength ?? 0) + labelsBytes(labels ?? []),
    readsAgain: table.readsAgain === true && kept === undefined,
    rows(chunkRows, firstRow = 0) {
      if (!Number.isSafeInteger(chunkRows) || chunkRows < 1) {
        throw new RangeError(`"chunkRows" expected an integer ≥ 1, got ${chunkRows}`);
      }
      const rows = kept ? keptRows(table, kept, chunkRows, firstRow) : valid(chunkRows, firstRow);
      return namingAll(file.path, rows);
    },
    labels: async () => labels,
  };
}

/** Returns readers of the bias and the counts of the rows that are kept. */
function vectorsOf(
  { file, format, table, kept, labelled }: OpenedRows,
  { bias, counts, idField, openRemote }: InputOptions,
): Pick<EmbeddingInput, "bias" | "counts"> {
  const { itemCount } = table;
  const read = (option: string, name: string, least?: number): Promise<Floats> =>
    readNamed(file, format, { option, name, rank: 1, idField, openRemote }, async (beside, path) => {
      const values = await readNumbers(beside, path, { least, limit: MAGNITUDE_LIMIT }, kept, () => {
        checkCount(path, option, beside, itemCount, "row");
        checkRowOrder(option, { path, labels: beside.labels }, labelled);
      });
      return kept ? values.filter((_, row) => kept[row] === 1) : values;
    });
  return {
    async bias() {
      return bias === undefined ? undefined : read("bias", bias);
    },
    async counts() {
      return counts === undefined ? undefined : read("counts", counts, 0);
    },
  };
}

/** An open file of rows, and what is known of all of them. */
interface OpenedRows {
  readonly file: SourceFile;
  readonly format: Format;
  readonly table: InputTable;
  readonly kept: Uint8Array | undefined;
  readonly labelled: LabelledFile;
}

type Floats = Float32Array<ArrayBuffer>;

function checkCount(path: string, option: string, { itemCount }: InputTable, expected: number, of: string): void {
  if (itemCount === expected) return;
  throw new RangeError(`${path}: '--${option}' expected ${expected} values, one for each ${of}, got ${itemCount}`);
}

/** The classes of an index that a file of numbers is for. `option` names the file in messages. */
interface NumberedClasses {
  readonly option?: string;
  readonly itemCount?: number;
  readonly labelled?: LabelledFile;
}

/** Reads a file of numbers as f32. If it is for the classes of an index, there must be as many, in their order. */
export async function readVector(path: string, of: NumberedClasses = {}): Promise<Floats> {
  const { option = "tensor", itemCount, labelled } = of;
  const { file, table } = await openTable(path, undefined, { rank: 1, option });
  try {
    return await readNumbers(table, path, undefined, undefined, () => {
      if (itemCount !== undefined) checkCount(path, option, table, itemCount, "class");
      if (labelled) checkRowOrder(option, { path, labels: table.labels }, labelled);
    });
  } finally {
    await file.close();
  }
}

/** The number of values read at a time. */
const VECTOR_CHUNK = 2 ** 16;

/** Reads all numbers of a table, and closes it. `check` is called before. */
async function readNumbers(
  table: InputTable,
  path: string,
  allowed: Allowed | undefined,
  kept: Uint8Array | undefined,
  check: () => void,
): Promise<Floats> {
  try {
    check();
    const numbers = new Float32Array(table.itemCount);
    let filled = 0;
    for await (const chunk of namingAll(path, table.chunks(VECTOR_CHUNK, 0))) {
      const values = await naming(path, async () => refuseInvalid(chunk, 1, allowed, kept?.subarray(filled)));
      numbers.set(values, filled);
      filled += values.length;
    }
    return numbers;
  } finally {
    await table.close?.();
  }
}

/** Returns `rows` of an input. They are checked once if a change of the file is an error. */
function validRows(
  table: InputTable,
  allowed: Allowed,
): (chunkRows: number, firstRow: number) => AsyncIterable<Floats> {
  let areChecked = false;
  return async function* (chunkRows, firstRow) {
    for await (const chunk of table.chunks(chunkRows, firstRow)) {
      yield areChecked ? chunk.values : refuseInvalid(chunk, table.dim, allowed);
    }
    areChecked ||= firstRow === 0 && table.readsAgain === true;
  };
}
