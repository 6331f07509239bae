import type { SchemaTree } from "hyparquet";
import { quoteName } from "../../../bytes/strict-json.ts";
import { chooseTensor, listNames } from "../named-tensors.ts";
import { DEFAULT_ID_FIELD, type TableRequest } from "../table.ts";

/** The columns in which pandas keeps its index. */
const INDEX_OF_PANDAS = /^__index_level_\d+__$/;

/** The columns with the values of a table: one column of lists, or several columns of numbers. */
export interface ValueColumns {
  readonly names: readonly string[];
  readonly isList: boolean;
}

/**
 * Returns the column that `request` names. Without a name it returns the only column of lists of numbers or, if there is
 * none, all columns of floats, or all columns of integers.
 */
export function chooseColumns(columns: readonly SchemaTree[], request: TableRequest): ValueColumns {
  const ids = [DEFAULT_ID_FIELD, request.idField, ...(request.fields ?? []).map(({ name }) => name)];
  const others = columns.filter(({ element: { name } }) => !ids.includes(name) && !INDEX_OF_PANDAS.test(name));
  const lists = others.filter((column) => listElement(column) !== undefined);
  const flat = (isWanted: (column: SchemaTree) => boolean): string[] =>
    others.filter((column) => isSingle(column) && isWanted(column)).map(({ element }) => element.name);
  if (request.tensor === undefined && lists.length === 0) {
    const names = [flat(isFloat), flat(isInteger)].find((found) => found.length > 0);
    if (names !== undefined) return { names, isList: false };
  }
  const { name } = chooseTensor(
    columns.map((column) => ({
      name: column.element.name,
      kind: kindOf(column),
      fits: listElement(column) !== undefined || (request.tensor !== undefined && isSingle(column) && isNumber(column)),
    })),
    request,
  );
  return { names: [name], isList: lists.some(({ element }) => element.name === name) };
}

/** Returns the column with the labels, if the request wants labels and there is one. */
export function idColumn(columns: readonly SchemaTree[], { idField, mayLackIds }: TableRequest): string | undefined {
  if (idField === false) return undefined;
  const name = idField ?? DEFAULT_ID_FIELD;
  if (columns.some(({ element, children }) => element.name === name && children.length === 0)) return name;
  if (idField === undefined || mayLackIds) return undefined;
  const known = listNames(columns.map(({ element }) => element.name));
  throw new RangeError(`'--id-field': there is no column ${quoteName(name)}; the file has ${known}`);
}

/** Returns the names of the columns with the fields that the request wants. */
export function fieldColumns(columns: readonly SchemaTree[], { fields = [] }: TableRequest): string[] {
  return fields.map(({ name, option }) => {
    if (columns.some(({ element, children }) => element.name === name && children.length === 0)) return name;
    const known = listNames(columns.map(({ element }) => element.name));
    throw new RangeError(`'--${option}': there is no column ${quoteName(name)} of values; the file has ${known}`);
  });
}

/**
 * Returns the element of a column of lists of numbers: LIST ▸ repeated group ▸ element, or without the group, or a repeated
 * number alone, as writers of Protocol Buffers have it.
 */
function listElement(column: SchemaTree): SchemaTree | undefined {
  const { element, children } = column;
  if (element.repetition_type === "REPEATED") return isNumber(column) ? column : undefined;
  const [repeated] = children;
  if (element.converted_type !== "LIST" || children.length !== 1 || repeated === undefined) return undefined;
  const item = repeated.children.length === 0 ? repeated : repeated.children[0];
  return item && repeated.children.length <= 1 && isNumber(item) ? item : undefined;
}

const isFloat = ({ element: { type, logical_type } }: SchemaTree): boolean =>
  type === "FLOAT" || type === "DOUBLE" || logical_type?.type === "FLOAT16";

/** Excludes dates, times and decimals, which are also stored as integers and marked as such. */
const isInteger = ({ element: { type, converted_type, logical_type } }: SchemaTree): boolean =>
  (type === "INT32" || type === "INT64") &&
  (converted_type === undefined || /^U?INT_/.test(converted_type)) &&
  (logical_type === undefined || logical_type.type === "INTEGER");

const isNumber = (column: SchemaTree): boolean =>
  column.children.length === 0 && (isFloat(column) || isInteger(column));

/** Tells whether a row has one value of the column. */
const isSingle = ({ element, children }: SchemaTree): boolean =>
  children.length === 0 && element.repetition_type !== "REPEATED";

function kindOf(column: SchemaTree): string {
  const item = listElement(column);
  return item ? `lists of ${item.element.type}` : (column.element.type ?? "a group");
}
