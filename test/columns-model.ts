import fc from "fast-check";
import type { Filter, FilterOperators, FilterValue } from "../src/columns/filter.ts";
import type { ColumnType } from "../src/format/columns.ts";
import type { ColumnTable } from "../src/train/index.ts";

// Columns of random classes, random filters of them, and a plain filter over objects.

/** What a class has in its columns; undefined and null for none. */
export type Row = Readonly<Record<string, FilterValue | undefined>>;

/** Few values, so that filters meet them: ones beyond the BMP and around it, whose order by UTF-16 is another, and zeros. */
const VALUES: Readonly<Record<ColumnType, readonly FilterValue[]>> = {
  string: ["", "a", "ab", "b", "é", "\u{ffff}", "\u{1f600}", "\ufeffa"],
  number: [-1e300, -1.5, -0, 0, 5e-324, 1, 79.99, 80, 1.7e12],
  boolean: [false, true],
};
export const COLUMNS: Readonly<Record<string, ColumnType>> = {
  "shop.category": "string",
  price: "number",
  stock: "boolean",
  "7": "number",
  ["__proto__"]: "string",
};

const anyValue = (type: ColumnType): fc.Arbitrary<FilterValue> => fc.constantFrom(...VALUES[type]);
const rowOf = Object.fromEntries(
  Object.entries(COLUMNS).map(([name, type]) => [
    name,
    fc.oneof(
      { weight: 4, arbitrary: anyValue(type) },
      fc.constantFrom(null, undefined, ...(type === "number" ? [Number.NaN] : [])),
    ),
  ]),
);

export const rows = (count: number): fc.Arbitrary<Row[]> =>
  fc.array(fc.record(rowOf as Record<string, fc.Arbitrary<FilterValue | undefined>>), {
    minLength: count,
    maxLength: count,
  });

/** The columns of rows, as build takes them. */
export const columnsOf = (all: readonly Row[]): Record<string, ColumnTable> =>
  Object.fromEntries(
    Object.entries(COLUMNS).map(([name, type]) => [
      name,
      { type, values: all.map((row) => (Object.hasOwn(row, name) ? row[name] : undefined)) as never },
    ]),
  );

function operatorsOf(type: ColumnType): fc.Arbitrary<FilterValue | FilterOperators> {
  const value = anyValue(type);
  const orNull = fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null));
  const list = fc.array(orNull, { maxLength: 4 });
  const one = (name: string, operand: fc.Arbitrary<unknown>) => operand.map((each) => ({ [name]: each }));
  const equalities = [orNull, one("$eq", orNull), one("$ne", orNull), one("$in", list), one("$nin", list)];
  if (type === "boolean") return fc.oneof(...equalities) as fc.Arbitrary<FilterValue>;
  const bounds = ["$lt", "$lte", "$gt", "$gte"].map((name) => one(name, value));
  const range = fc
    .tuple(fc.constantFrom("$lt", "$lte"), value, fc.constantFrom("$gt", "$gte"), value)
    .map(([upper, high, lower, low]) => ({ [upper]: high, [lower]: low }));
  return fc.oneof(...equalities, ...bounds, range) as fc.Arbitrary<FilterValue>;
}

export const filters: fc.Arbitrary<Filter> = fc
  .uniqueArray(fc.constantFrom(...Object.keys(COLUMNS)), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(...names.map((name) => operatorsOf(COLUMNS[name] as ColumnType).map((wanted) => [name, wanted] as const))),
  )
  .map((entries) => Object.fromEntries(entries));

const isNone = (value: FilterValue | undefined): boolean =>
  value === null || value === undefined || Number.isNaN(value);

/** Compares by code points, which is the order of UTF-8. */
function isLess(a: FilterValue, b: FilterValue): boolean {
  if (typeof a !== "string" || typeof b !== "string") return (a as number) < (b as number);
  const [one, other] = [Array.from(a), Array.from(b)];
  const at = one.findIndex((character, i) => character !== other[i]);
  if (at < 0) return one.length < other.length;
  return (one[at]?.codePointAt(0) ?? 0) < (other[at]?.codePointAt(0) ?? -1);
}

/** Tells whether a class passes a filter, by the words of docs/vectorize.md. */
export const passes = (row: Row, filter: Filter): boolean =>
  Object.entries(filter).every(([name, wanted]) => {
    const given = Object.hasOwn(row, name) ? row[name] : undefined;
    const value = isNone(given) ? null : (given as FilterValue);
    const operators = typeof wanted === "object" && wanted !== null ? wanted : { $eq: wanted };
    return Object.entries(operators).every(([operator, operand]) => {
      if (operator === "$eq") return value === operand;
      if (operator === "$ne") return value !== operand;
      if (operator === "$in") return (operand as FilterValue[]).some((each) => each === value);
      if (operator === "$nin") return !(operand as FilterValue[]).some((each) => each === value);
      if (value === null) return false;
      if (operator === "$lt") return isLess(value, operand);
      if (operator === "$gt") return isLess(operand, value);
      return operator === "$lte" ? !isLess(operand, value) : !isLess(value, operand);
    });
  });
