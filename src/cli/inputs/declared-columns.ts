import { COLUMN_TYPES, type ColumnType } from "../../format/columns.ts";
import type { ColumnTable } from "../../train/build/build-options.ts";

/** A field of the rows of a table that becomes a column of the index, or its namespaces. */
export interface DeclaredField {
  readonly name: string;
  readonly type: ColumnType;
  /** The option that names it. */
  readonly option: "columns" | "namespace-field";
}

/** The options that declare columns. */
export interface ColumnOptions {
  /** Names with types, such as "price:number,category:string". */
  readonly columns?: string | undefined;
  /** The field with the namespaces. */
  readonly namespaceField?: string | undefined;
  /** A file with a JSON object for each row. Default: the fields are those of the table itself. */
  readonly metadata?: string | undefined;
}

/** The values of the columns and namespaces of a build. */
export interface InputColumns {
  readonly columns?: Readonly<Record<string, ColumnTable>>;
  readonly namespaces?: readonly (string | null)[];
}

/** Parses a list of names with types. Throws a RangeError for any other text. */
export function declaredColumns(text: string): DeclaredField[] {
  const fields = text.split(",").map((entry): DeclaredField => {
    const at = entry.lastIndexOf(":");
    const [name, type] = [entry.slice(0, at), entry.slice(at + 1) as ColumnType];
    if (at > 0 && COLUMN_TYPES.includes(type)) return { name, type, option: "columns" };
    throw new RangeError(`expected names with types, such as price:number,category:string,stock:boolean, got ${entry}`);
  });
  const twice = fields.find(({ name }, i) => fields.findIndex((other) => other.name === name) < i);
  if (twice) throw new RangeError(`expected each name once, got ${twice.name} twice`);
  return fields;
}

/** Lists the fields that the options name: those of the columns, then the field of the namespaces. */
export function declaredFields({ columns, namespaceField, metadata }: ColumnOptions): DeclaredField[] {
  if (metadata !== undefined && columns === undefined && namespaceField === undefined) {
    throw new RangeError("'--metadata' needs '--columns' or '--namespace-field', which name keys of it");
  }
  const fields = columns === undefined ? [] : declaredColumns(columns);
  if (namespaceField === undefined) return fields;
  return [...fields, { name: namespaceField, type: "string", option: "namespace-field" }];
}

/** Makes columns of the values of fields. */
export function columnsOfFields(
  fields: readonly DeclaredField[],
  values: readonly (readonly unknown[])[],
): InputColumns | undefined {
  const all = fields.map((field, i) => ({ ...field, values: values[i] as ColumnTable["values"] }));
  const own = all.filter(({ option }) => option === "columns");
  const namespaces = all.find(({ option }) => option === "namespace-field")?.values as InputColumns["namespaces"];
  if (all.length === 0) return undefined;
  return {
    ...(own.length > 0 && {
      columns: Object.fromEntries(own.map(({ name, type, values }) => [name, { type, values }])),
    }),
    ...(namespaces && { namespaces }),
  };
}

/** The memory of a value as it is read, as a code, and at its position. */
const BYTES_PER_VALUE = 48;

/** Returns the memory that columns take while they are built. */
export const columnsBytes = ({ columns = {}, namespaces }: InputColumns = {}): number =>
  [...Object.values(columns).map(({ values }) => values), ...(namespaces ? [namespaces] : [])].reduce(
    (sum, values) => sum + BYTES_PER_VALUE * values.length + textBytes(values),
    0,
  );

const textBytes = (values: ColumnTable["values"]): number =>
  Array.from(values).reduce((sum: number, value) => sum + (typeof value === "string" ? 2 * value.length : 0), 0);
