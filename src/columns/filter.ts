import { checkArray, kindOf, shown } from "../checks/check.ts";

// Filters have the form of Cloudflare Vectorize's (docs/vectorize.md).

/** A value that a filter compares with. `null` stands for no value. */
export type FilterValue = string | number | boolean | null;

/** What a value in a column must be: one operator, or a lower and an upper bound. */
export interface FilterOperators {
  /** Equal to this. */
  readonly $eq?: FilterValue;
  /** Not equal to this. Classes without a value pass. */
  readonly $ne?: FilterValue;
  /** One of these. */
  readonly $in?: readonly FilterValue[];
  /** None of these. Classes without a value pass. */
  readonly $nin?: readonly FilterValue[];
  /** Less than this. Strings are ordered by their bytes in UTF-8. Classes without a value pass no bound. */
  readonly $lt?: string | number;
  /** At most this. */
  readonly $lte?: string | number;
  /** Greater than this. */
  readonly $gt?: string | number;
  /** At least this. */
  readonly $gte?: string | number;
}

/** What the values in the named columns must be, all of them: a value that they equal, or operators. */
export type Filter = Readonly<Record<string, FilterValue | FilterOperators>>;

/** The most bytes of a filter as JSON. */
export const MAX_FILTER_BYTES = 2047;
/** The longest part of a name that a message repeats. */
const MOST_SHOWN = 64;

const OPERATORS = ["$eq", "$ne", "$in", "$nin", "$lt", "$lte", "$gt", "$gte"] as const;
export type Operator = (typeof OPERATORS)[number];
const UPPER: readonly string[] = ["$lt", "$lte"];
const LOWER: readonly string[] = ["$gt", "$gte"];

/**
 * Copies a filter in its canonical form, which is the same for filters that differ only in order. Every value is read once.
 * TypeError and RangeError name the element that is wrong.
 */
export function copyFilter(name: string, filter: Filter): Filter {
  const entries = entriesOf(name, filter).map(([column, wanted]): [string, FilterValue | FilterOperators] => {
    const place = `${name}.${column.slice(0, MOST_SHOWN)}`;
    if (column.startsWith("$")) throw new RangeError(`"${place}" expected a column, and no name of one begins with $`);
    return [column, isScalar(wanted) ? checkValue(place, wanted) : copyOperators(place, wanted)];
  });
  const copy = Object.fromEntries(entries.sort(byName));
  const bytes = new TextEncoder().encode(JSON.stringify(copy)).length;
  if (bytes <= MAX_FILTER_BYTES) return copy;
  throw new RangeError(`"${name}" expected at most ${MAX_FILTER_BYTES} bytes of JSON, got ${bytes}`);
}

function copyOperators(place: string, wanted: unknown): FilterValue | FilterOperators {
  const entries = entriesOf(place, wanted, "a value, or an object of operators").map(([operator, value]) => {
    const own = `${place}.${operator.slice(0, MOST_SHOWN)}`;
    if (!OPERATORS.includes(operator as Operator)) {
      throw new RangeError(`"${own}" expected an operator: one of ${OPERATORS.join(", ")}`);
    }
    return [operator, copyOperand(own, operator, value)] as const;
  });
  const names = entries.map(([operator]) => operator);
  const isRange = names.length === 2 && [LOWER, UPPER].every((bounds) => names.some((each) => bounds.includes(each)));
  if (names.length !== 1 && !isRange) {
    const got = names.join(" and ") || "none";
    throw new RangeError(`"${place}" expected one operator, or a lower and an upper bound, got ${got}`);
  }
  if (names[0] === "$eq") return (entries[0] as readonly [string, FilterValue])[1];
  return Object.fromEntries(entries.sort(byName)) as FilterOperators;
}

function copyOperand(place: string, operator: string, value: unknown): FilterValue | FilterValue[] {
  if (operator === "$in" || operator === "$nin") {
    checkArray(place, value, "values");
    const copy = Array.from(value as ArrayLike<unknown>, (each, i) => checkValue(`${place}[${i}]`, each));
    return [...new Set(copy)].sort();
  }
  const checked = checkValue(place, value);
  if (UPPER.includes(operator) || LOWER.includes(operator)) {
    if (typeof checked !== "string" && typeof checked !== "number") {
      throw new TypeError(`"${place}" expected a string or a number, got ${shown(checked)}`);
    }
  }
  return checked;
}

const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null;

/** Checks a value. A number has no sign if it is zero. */
function checkValue(place: string, value: unknown): FilterValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value + 0;
  if (typeof value === "string" && value.isWellFormed()) return value;
  const expected = typeof value === "string" ? "Unicode text" : "a string, a finite number, true, false or null";
  throw new TypeError(`"${place}" expected ${expected}, got ${shown(value)}`);
}

/** Reads the entries of an object, in which undefined is no entry. */
function entriesOf(place: string, value: unknown, expected = "an object of columns"): [string, unknown][] {
  if (kindOf(value) !== "an object") throw new TypeError(`"${place}" expected ${expected}, got ${kindOf(value)}`);
  return Object.entries(value as object).filter(([, each]) => each !== undefined);
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number => (a < b ? -1 : 1);
