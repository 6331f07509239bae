import { FormatError } from "../bytes/format-error.ts";
import type { Dtype } from "../bytes/safetensors.ts";
import { MAX_LABEL_BYTES } from "./limits.ts";
import { quote, type ReadFact } from "./metadata.ts";
import { type SectionShape, type VersionedSection, versionedSection } from "./section.ts";
import { type NamedSpec, padTo, type SectionTensor, VECTOR_BYTES } from "./tensor-spec.ts";

/** The type of the values of a column. */
export type ColumnType = "string" | "number" | "boolean";
export const COLUMN_TYPES = ["string", "number", "boolean"] as const satisfies readonly ColumnType[];

/** A column of metadata: a value, or none, for each class. Classes have codes, which are ranks among the distinct values. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: ColumnType;
  /** The number of distinct values; 2 of a boolean column, whatever its classes have. */
  readonly distinct: number;
  /** The size of all distinct strings in UTF-8; 0 of the other types. */
  readonly textBytes: number;
}

/** Facts about the columns that classes are filtered by. */
export interface ColumnsFacts {
  readonly list: readonly ColumnFacts[];
}

/** The column of the namespaces. No other name begins with a dollar sign. */
export const NAMESPACE = "$namespace";
/** The most columns beside that of the namespaces, as Vectorize has it. So are the next two. */
export const MAX_COLUMNS = 10;
const MAX_NAME_LENGTH = 512;
export const MAX_STRING_BYTES = 64;

/** Returns what is wrong with the name of a column: what was expected in its place. Undefined for a good one. */
export const wrongColumnName = (name: string): string | undefined =>
  /^[^$"][^"]*$/s.test(name) && name.length <= MAX_NAME_LENGTH && name.isWellFormed()
    ? undefined
    : `1 to ${MAX_NAME_LENGTH} characters without ", the first not $`;

/** The form in the header: a JSON array of a column's name, type, distinct values and, of strings, their bytes. */
const readList: ReadFact<ColumnsFacts["list"]> = Object.assign(
  (...[metadata, key, { itemCount }]: Parameters<ReadFact<unknown>>): ColumnsFacts["list"] => {
    const text = metadata[key];
    if (text === undefined) throw new FormatError("metadata-missing", 0, `"${key}" is missing`);
    const list = entriesOf(text)?.map(columnOf);
    const isGood = (column: ColumnFacts | undefined, i: number): boolean =>
      column !== undefined &&
      column.distinct <= (column.type === "boolean" ? 2 : itemCount) &&
      list?.findIndex((other) => other?.name === column.name) === i;
    const columns = list as ColumnFacts[] | undefined;
    const own = columns?.filter((column) => column?.name !== NAMESPACE).length ?? 0;
    if (columns?.every(isGood) && columns.length > 0 && own <= MAX_COLUMNS) return columns;
    throw new FormatError(
      "metadata-value",
      0,
      `"${key}" expected the JSON of 1..${MAX_COLUMNS} columns and a namespace, got ${quote(text)}`,
    );
  },
  {
    text: (list: ColumnsFacts["list"]) =>
      JSON.stringify(
        list.map(({ name, type, distinct, textBytes }) => [
          ...[name, type, distinct],
          ...(type === "string" ? [textBytes] : []),
        ]),
      ),
  },
);

function entriesOf(text: string): unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an entry of the list. Undefined if it is none. The header has one form, so nothing else can be in it. */
function columnOf(entry: unknown): ColumnFacts | undefined {
  const [name, type, distinct, textBytes = 0] = Array.isArray(entry) ? entry : [];
  const isCount = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_LABEL_BYTES;
  if (typeof name !== "string" || !COLUMN_TYPES.includes(type)) return undefined;
  if (name === NAMESPACE ? type !== "string" : wrongColumnName(name)) return undefined;
  if (!isCount(distinct) || !isCount(textBytes) || (type === "boolean" && distinct !== 2)) return undefined;
  return { name, type, distinct, textBytes };
}

/** The type of the codes: 0 is no value, and the others are one more than a rank. */
export const codeDtype = ({ distinct }: ColumnFacts): Dtype & ("U8" | "U16" | "I32") =>
  distinct < 2 ** 8 ? "U8" : distinct < 2 ** 16 ? "U16" : "I32";
const CODE_BYTES = { U8: 1, U16: 2, I32: 4 } as const;

/** The name of a tensor of the column with this place in the list. */
export const columnTensor = (column: number, part: "codes" | "numbers" | "offsets" | "text"): SectionTensor =>
  `columns.${column}.${part}`;

/** Answers without a filter do not depend on the columns, so a reader that does not know the section ignores it. */
export const COLUMNS: VersionedSection<ColumnsFacts> = versionedSection<ColumnsFacts>(
  1,
  "ignore",
  { list: readList },
  ({ list }, { itemCount }: SectionShape): NamedSpec[] =>
    list.flatMap((column, i): NamedSpec[] => {
      const { type, distinct, textBytes } = column;
      const dtype = codeDtype(column);
      const codes = {
        name: columnTensor(i, "codes"),
        dtype,
        shape: [padTo(itemCount, VECTOR_BYTES / CODE_BYTES[dtype])],
      };
      if (type === "boolean") return [codes];
      if (type === "number")
        return [codes, { name: columnTensor(i, "numbers"), dtype: "F64", shape: [padTo(distinct, 2)] }];
      return [
        codes,
        { name: columnTensor(i, "offsets"), dtype: "I32", shape: [padTo(distinct + 1, 4)] },
        { name: columnTensor(i, "text"), dtype: "U8", shape: [padTo(textBytes, VECTOR_BYTES)] },
      ];
    }),
);
