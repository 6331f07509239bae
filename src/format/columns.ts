import { FormatError } from "../bytes/format-error.ts";
import type { Dtype } from "../bytes/safetensors.ts";
import { MAX_LABEL_BYTES } from "./limits.ts";
import { matching, type ReadFact } from "./metadata.ts";
import { type SectionShape, type VersionedSection, versionedSection } from "./section.ts";
import { type NamedSpec, padTo, type SectionTensor, VECTOR_BYTES } from "./tensor-spec.ts";

/** The type of the values of a column. */
export type ColumnType = "string" | "number" | "boolean";
export const COLUMN_TYPES = ["string", "number", "boolean"] as const satisfies readonly ColumnType[];

/** The value of a class in a column. */
export type ColumnValue = string | number | boolean;

/** A column of metadata: a value, or none, for each class. Classes have codes, which are ranks among the distinct values. */
export interface ColumnFacts {
  /** The name, as filters have it. */
  readonly name: string;
  /** The type of its values. */
  readonly type: ColumnType;
  /** The number of distinct values; always 2 for a boolean column, whatever values its classes have. */
  readonly distinct: number;
  /** The size of all distinct strings in UTF-8, in bytes; 0 for the other types. */
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

/** Returns the rule that a wrong name of a column breaks, for messages. Undefined for a good name. */
export const wrongColumnName = (name: string): string | undefined =>
  /^[^$"][^"]*$/s.test(name) && name.length <= MAX_NAME_LENGTH && name.isWellFormed()
    ? undefined
    : `1 to ${MAX_NAME_LENGTH} characters without ", the first not $`;

const COUNT = "(?:0|[1-9]\\d{0,9})";
/** A string of JSON as JSON.stringify writes one without a quote. */
const NAME = '"(?:[^"\\\\\\x00-\\x1f]|\\\\(?:[\\\\bfnrt]|u[0-9a-f]{4}))+"';
const ENTRY = `\\[${NAME},(?:"string",${COUNT},${COUNT}|"number",${COUNT}|"boolean",2)\\]`;
/** A JSON array of each column's name, type, number of distinct values and, for strings, their bytes. */
const readText = matching(new RegExp(`^\\[${ENTRY}(?:,${ENTRY})*\\]$`));

const readList: ReadFact<ColumnsFacts["list"]> = Object.assign(
  (...given: Parameters<typeof readText>): ColumnsFacts["list"] => {
    const [, key, { itemCount }] = given;
    const entries: [string, ColumnType, number, number?][] = JSON.parse(readText(...given));
    const names = new Set<string>();
    for (const [name, type, distinct, textBytes = 0] of entries) {
      const isGood = name === NAMESPACE ? type === "string" : !wrongColumnName(name);
      if (isGood && !names.has(name) && distinct <= Math.max(2, itemCount) && textBytes <= MAX_LABEL_BYTES)
        names.add(name);
    }
    if (names.size < entries.length || names.size > MAX_COLUMNS + Number(names.has(NAMESPACE))) {
      throw new FormatError(
        "metadata-value",
        0,
        `"${key}" has a name or a number that no column has, or too many columns`,
      );
    }
    return entries.map(([name, type, distinct, textBytes = 0]) => ({ name, type, distinct, textBytes }));
  },
  {
    text: (list: ColumnsFacts["list"]) =>
      JSON.stringify(
        list.map(({ name, type, distinct, textBytes }) =>
          type === "string" ? [name, type, distinct, textBytes] : [name, type, distinct],
        ),
      ),
  },
);

/** Returns the type of the codes: 0 is no value, and the others are one more than a rank. */
export const codeDtype = ({ distinct }: ColumnFacts): Dtype & ("U8" | "U16" | "I32") =>
  distinct < 2 ** 8 ? "U8" : distinct < 2 ** 16 ? "U16" : "I32";
const CODE_BYTES = { U8: 1, U16: 2, I32: 4 } as const;

/** Returns the name of a tensor of the column with this place in the list. */
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
