import { checkArray, shown } from "../checks/check.ts";
import { checkPlain } from "../checks/plain-object.ts";
import { checkColumnValue } from "../columns/column-value.ts";
import type { ColumnValue } from "../format/columns.ts";
import { type ColumnFacts, NAMESPACE } from "../format/columns.ts";
import type { GivenValues } from "../memory/delta.ts";
import type { Upserts } from "./change-set.ts";

/** A column of the index that classes may have values in. */
export type DeclaredColumn = Pick<ColumnFacts, "name" | "type">;

/** Returns the columns of an index in the form in which its changes declare them. */
export const declaredOf = (list: readonly ColumnFacts[] = []): DeclaredColumn[] =>
  list.map(({ name, type }) => ({ name, type }));

/**
 * Copies the values of upserts in columns: one list for each row, in the order of the columns. Undefined if there are none. A
 * TypeError or RangeError names the element that is wrong.
 */
export function copyValues(
  { columns, namespaces }: Pick<Upserts, "columns" | "namespaces">,
  count: number,
  declared: readonly DeclaredColumn[],
): GivenValues[] | undefined {
  if (columns === undefined && namespaces === undefined) return undefined;
  if (columns !== undefined) checkPlain('"upserts.columns"', columns, "an object of columns");
  const given = Object.entries(columns ?? {});
  const unknown = given.find(([name]) => name === NAMESPACE || !declared.some((column) => column.name === name));
  if (unknown) {
    const names = declared.flatMap(({ name }) => (name === NAMESPACE ? [] : [shown(name)]));
    const expected = names.length > 0 ? `columns of the index: ${names.join(", ")}` : "an index built with columns";
    throw new RangeError(`"upserts.columns" expected ${expected}, got ${shown(unknown[0])}: leave it out`);
  }
  if (namespaces !== undefined && !declared.some(({ name }) => name === NAMESPACE)) {
    throw new RangeError(
      '"upserts.namespaces" expected an index built with namespaces, got one without: leave them out',
    );
  }
  const tables = new Map<string, unknown>([...given, [NAMESPACE, namespaces]]);
  const copied = declared.map(({ name, type }): GivenValues => {
    const values = tables.get(name) as ArrayLike<unknown> | undefined;
    if (values === undefined) return [];
    const place = name === NAMESPACE ? "upserts.namespaces" : `upserts.columns.${name.slice(0, 64)}`;
    checkArray(place, values, `a ${type} or null for each label`);
    if (values.length !== count) {
      throw new RangeError(`"${place}" expected ${count} values, one for each label, got ${values.length}`);
    }
    return Array.from({ length: count }, (_, row) => {
      const value = values[row];
      return value === undefined ? undefined : (checkColumnValue(type, `"${place}"[${row}]`, value) ?? null);
    });
  });
  return Array.from({ length: count }, (_, row) => copied.map((values) => values[row]));
}

/** Returns the values of a class after it was given others: those that are left open stay. */
export function mergedValues(before: GivenValues | undefined, given: GivenValues | undefined): GivenValues | undefined {
  const values =
    before && given ? given.map((value, i) => (value === undefined ? before[i] : value)) : (given ?? before);
  return values?.some((value) => value !== undefined) ? values : undefined;
}

/**
 * Returns the values of a removed class. One of the file has none in every column, also if it is added again: those of its row in
 * the file would come back otherwise. Undefined for others, and without columns.
 */
export const removedValues = (isOfFile: boolean, columnCount: number): GivenValues | undefined =>
  isOfFile && columnCount > 0 ? new Array<null>(columnCount).fill(null) : undefined;

/** The mark of a value that stays as it is, for which JSON has no word. */
const STAYS: readonly never[] = [];

/** Writes the values of classes as JSON: for each a list with a value for each column, null for none, [] for one that stays. */
export const textOfValues = (values: readonly (GivenValues | undefined)[]): string =>
  JSON.stringify(values.map((given) => given?.map((value) => (value === undefined ? STAYS : value)) ?? STAYS));

/** Reads what `textOfValues` has written for `count` classes. `fail` throws. */
export function valuesInText(
  text: string,
  count: number,
  declared: readonly DeclaredColumn[],
  fail: (expected: string) => never,
): (GivenValues | undefined)[] {
  let lists: unknown;
  try {
    lists = JSON.parse(text);
  } catch {
    return fail("JSON");
  }
  if (!Array.isArray(lists) || lists.length !== count) return fail(`a list for each of ${count} upserts`);
  const values = lists.map((list: unknown): GivenValues | undefined => {
    if (!Array.isArray(list)) return fail("lists of values");
    if (list.length === 0) return undefined;
    if (list.length !== declared.length) return fail(`${declared.length} values for an upsert`);
    return list.map((value: unknown, i) => (Array.isArray(value) ? undefined : storedValue(value, i, declared, fail)));
  });
  // A list in which everything stays is empty, so values have one form.
  const isCanonical = values.every((given) => given === undefined || given.some((value) => value !== undefined));
  return isCanonical && textOfValues(values) === text ? values : fail("the form in which values are written");
}

function storedValue(
  value: unknown,
  column: number,
  declared: readonly DeclaredColumn[],
  fail: (expected: string) => never,
): ColumnValue | null {
  try {
    const { name, type } = declared[column] as DeclaredColumn;
    return checkColumnValue(type, shown(name), value) ?? null;
  } catch (error) {
    return fail(`values of the columns: ${(error as Error).message}`);
  }
}
