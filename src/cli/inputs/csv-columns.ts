import { FormatError } from "../../bytes/format-error.ts";
import { quoteName } from "../../bytes/strict-json.ts";
import { isOtherNotation, isValue, numberOf } from "./csv-fields.ts";
import type { CsvRecord } from "./csv-records.ts";
import { listNames } from "./named-tensors.ts";
import { DEFAULT_ID_FIELD, type InputColumnNames, type TableRequest } from "./table.ts";
import { TextColumn } from "./text-column.ts";
import { WholeColumns } from "./whole-columns.ts";

/** The name of a column that has none, and the one that pandas gives it when it reads such a file. */
const UNNAMED = /^(?:Unnamed: \d+)?$/;

/** The kinds of the columns of a .csv file, as far as the records seen so far show them. */
export class CsvColumns {
  /** The column with the labels. Undefined if the rows have none. */
  readonly labels: number | undefined;
  /** The columns with the fields that are wanted. */
  readonly fields: readonly number[];
  /** The first field of the file. */
  private first = "";
  private readonly names: readonly string[] | undefined;
  private readonly kinds: ("values" | "text" | undefined)[];
  /** The columns that their first fields make text. */
  private readonly texts = new Map<number, TextColumn>();
  private readonly wholes = new WholeColumns();
  /** The column without a name among columns that have names, with its number of fields while these are whole numbers. */
  private unnamed: { readonly column: number; wholes: number } | undefined;

  /** @param names names of the columns, if the first line has them */
  constructor(width: number, names: readonly string[] | undefined, { idField, mayLackIds, fields = [] }: TableRequest) {
    const twice = names && nameOfTwo(names);
    if (twice !== undefined) {
      const remedy = "rename one, or say '--header absent' if line 1 is a row";
      throw new FormatError("csv-columns", 0, `two columns have the name ${quoteName(twice)}: ${remedy}`);
    }
    this.names = names;
    this.kinds = new Array(width).fill(undefined);
    for (const id of [DEFAULT_ID_FIELD, idField || DEFAULT_ID_FIELD]) {
      const at = names?.indexOf(id) ?? -1;
      if (at >= 0) this.kinds[at] = "text";
    }
    this.fields = fields.map(({ name, option }) => {
      const at = names?.indexOf(name) ?? -1;
      if (at >= 0) this.kinds[at] = "text";
      else throw new RangeError(`'--${option}': there is no column ${quoteName(name)}; the file has ${listOf(names)}`);
      return at;
    });
    const labels = idField === false ? -1 : (names?.indexOf(idField ?? DEFAULT_ID_FIELD) ?? -1);
    if (idField && labels < 0 && !mayLackIds) {
      throw new RangeError(`'--id-field': there is no column ${quoteName(idField)}; the file has ${listOf(names)}`);
    }
    this.labels = labels < 0 ? undefined : labels;
    const column = names?.findIndex((name) => UNNAMED.test(name.trim())) ?? -1;
    if (column >= 0) this.unnamed = { column, wholes: 0 };
  }

  /**
   * Takes note of a record. The first field of a column that is not empty decides its kind.
   *
   * @throws FormatError csv-row for a ragged record, or text in a column of numbers
   */
  see({ fields, line, offset }: CsvRecord): void {
    const { kinds } = this;
    if (fields.length !== kinds.length) {
      const message = `line ${line} has ${fields.length} fields, expected ${kinds.length}${this.hint()}`;
      throw new FormatError("csv-row", offset, message);
    }
    this.first ||= fields[0] as string;
    this.seeUnnamed(fields);
    for (let c = 0; c < kinds.length; c++) {
      const field = fields[c] as string;
      if (kinds[c] === undefined && field.trim() !== "") {
        if (isOtherNotation(field)) throw new FormatError("csv-row", offset, this.notation(field, line, c));
        kinds[c] = isValue(field) ? "values" : "text";
        if (kinds[c] === "text") this.texts.set(c, new TextColumn(field, this.placeOf(line, c), offset));
      } else this.texts.get(c)?.see(field);
      if (kinds[c] !== "values") continue;
      const value = numberOf(field);
      if (value === undefined) {
        const message = `${this.placeOf(line, c)} expected a number`;
        throw new FormatError("csv-row", offset, `${message}, got ${quoteName(field)}`);
      }
      this.wholes.see(c, value);
    }
  }

  private seeUnnamed(fields: readonly string[]): void {
    if (this.unnamed === undefined) return;
    if (Number.isInteger(numberOf(fields[this.unnamed.column] as string))) this.unnamed.wholes++;
    else this.unnamed = undefined;
  }

  private placeOf(line: number, c: number): string {
    return `line ${line}, column ${this.shown(c)}`;
  }

  /** Shows a column in a message: by its name, or else by its number. */
  shown(c: number): string {
    return quoteName(this.nameOf(c));
  }

  private nameOf(c: number): string {
    return this.names?.[c] ?? String(c);
  }

  private notation(field: string, line: number, c: number): string {
    const remedy = "expected commas between numbers and decimal points in them: save the file so";
    return `${this.placeOf(line, c)}: ${quoteName(field)} looks like a number of another notation, ${remedy}`;
  }

  /** Says which separators are expected where no line has a comma, or only those of decimals or text. */
  hint(): string {
    const first = this.names?.[0] ?? this.first;
    if (this.kinds.length !== 1 || !/[;\t ]/.test(first)) return "";
    return `: expected commas between values and decimal points in numbers, got ${quoteName(first)}`;
  }

  /** Returns the names of columns, none if the file has none. */
  namesOf(columns: readonly number[]): string[] {
    const { names } = this;
    return names ? columns.map((c) => names[c] as string) : [];
  }

  /**
   * Returns the columns of numbers.
   *
   * @throws FormatError csv-columns if another column was most likely meant to be one, or if one of them numbers the rows
   */
  values(): number[] {
    const values = this.kinds.flatMap((kind, c) => (kind === "values" ? [c] : []));
    for (const [c, text] of this.texts) {
      const fault = text.fault(this.shown(c), values.length);
      if (fault) throw new FormatError("csv-columns", fault.offset, fault.message);
    }
    if ((this.unnamed?.wholes ?? 0) > 1) {
      const remedy = "save the file without it (in pandas with index=False), or call it id to make it the labels";
      throw new FormatError("csv-columns", 0, `a column without a name numbers the rows, which is no value: ${remedy}`);
    }
    return values;
  }

  /** Returns the names of the columns with values, and of those that nothing is made of. */
  inputColumns(values: readonly number[]): InputColumnNames {
    const used = new Set([...values, ...this.fields, this.labels]);
    const others = this.kinds.flatMap((_, c) => (used.has(c) ? [] : [c]));
    const [names, leftOut, mayBeIds] = [values, others, this.names ? this.wholes.found() : []].map((columns) =>
      columns.map((c) => this.nameOf(c)),
    ) as [string[], string[], string[]];
    return { values: names, leftOut, ...(mayBeIds.length > 0 && { mayBeIds }) };
  }
}

/** Returns a name that two columns have. Columns may lack one. */
function nameOfTwo(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (name.trim() !== "" && seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

const listOf = (names: readonly string[] | undefined): string => (names ? listNames(names) : "no names of columns");

/**
 * Returns whether the first line has column names. It does if it contains the name of the id column, if text stands above a
 * number, or if all of its fields are text. An empty first field names the row numbers of pandas, which begin with 0 or 1 below
 * it, if the other numbers are whole. Any other empty field is a missing value.
 *
 * @throws RangeError if its numbers count up like column names: 0, 1, 2, …
 */
export function hasNames(
  first: readonly string[],
  second: readonly string[] | undefined,
  { header, idField }: TableRequest,
): boolean {
  if (header !== undefined) return header === "present";
  const isName = first.map((field) => !isValue(field));
  const isText = first.map((field, c) => isName[c] === true && field.trim() !== "");
  if (first.includes(idField || DEFAULT_ID_FIELD) || (isName.every(Boolean) && isText.some(Boolean))) return true;
  if (isText.some((text, c) => text && isValue(second?.[c] ?? ""))) return true;
  const mayBeNames = first.every((field) => !isValue(field) || Number.isInteger(Number(field)));
  if (first[0]?.trim() === "" && mayBeNames && /^[01]$/.test(second?.[0]?.trim() ?? "")) return true;
  const [start = 0, ...others] = first.filter(isValue).map(Number);
  if (others.length > 0 && (start === 0 || start === 1) && others.every((number, i) => number === start + i + 1)) {
    throw new RangeError(
      "line 1 may be column names or numbers: say which with '--header present' or '--header absent'",
    );
  }
  return false;
}
