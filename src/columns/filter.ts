import { checkArray, shown } from "../checks/check.ts";
import { kindIfNotPlain } from "../checks/plain-object.ts";

// Filters have the form of Cloudflare Vectorize's (docs/vectorize.md).

/** A value that a filter compares with. `null` stands for no value. */
export type FilterValue = string | number | boolean | null;

/** The condition that a value in a column must meet: one operator, or a lower and an upper bound. */
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

/** The conditions on the values in the named columns, all of which must hold: a value that they equal, or operators. */
export type Filter = Readonly<Record<string, FilterValue | FilterOperators>>;

/** The most bytes of a filter as JSON. */
const MAX_FILTER_BYTES = 2047;
/** The most values that a filter of this size can list, or columns that it can name. They are counted before they are sorted. */
const MOST_LISTED = Math.floor(MAX_FILTER_BYTES / 2);
/** The longest part of a name that a message repeats. */
const MOST_SHOWN = 64;

const OPERATORS = ["$eq", "$ne", "$in", "$nin", "$lt", "$lte", "$gt", "$gte"] as const;
export type Operator = (typeof OPERATORS)[number];

/**
 * Copies a filter in its canonical form, which is the same for filters that differ only in order. Every value is read once. A
 * RangeError names the element that is wrong.
 */
export function copyFilter(name: string, filter: Filter): Filter {
  const copy = sortedObject(
    entriesOf(name, filter, "an object of columns").map(([column, wanted]) => {
      const place = placeIn(name, column);
      if (column.startsWith("$")) refuse(place, "a column, and no name of one begins with $", "one that does");
      return [
        column,
        typeof wanted === "object" && wanted !== null ? copyOperators(place, wanted) : copyValue(place, wanted),
      ];
    }),
  ) as Filter;
  const bytes = new TextEncoder().encode(JSON.stringify(copy)).length;
  if (bytes > MAX_FILTER_BYTES) refuse(name, `at most ${MAX_FILTER_BYTES} bytes of JSON`, bytes);
  return copy;
}

function copyOperators(place: string, wanted: object): Filter[string] {
  const entries = entriesOf(place, wanted, "a value, or an object of operators");
  const copy = sortedObject(
    entries.map(([operator, value]) => [operator, copyOperand(placeIn(place, operator), operator, value)]),
  ) as FilterOperators;
  const names = Object.keys(copy);
  if (names.length !== 1 && !(names.length === 2 && /^\$gte?,\$lte?$/.test(names.join()))) {
    refuse(place, "one operator, or a lower and an upper bound", names.join(" and ") || "none");
  }
  return copy;
}

function copyOperand(place: string, operator: string, value: unknown): FilterValue | FilterValue[] {
  if (!OPERATORS.includes(operator as Operator))
    refuse(place, `an operator: one of ${OPERATORS.join(", ")}`, "another");
  if (/in$/.test(operator)) {
    checkArray(place, value, "values");
    refuseLong(place, (value as ArrayLike<unknown>).length, "values");
    return Array.from(value as ArrayLike<unknown>, (each, i) => copyValue(`${place}[${i}]`, each)).sort();
  }
  const copy = copyValue(place, value);
  if (/^\$[lg]/.test(operator) && /^[ob]/.test(typeof copy)) refuse(place, "a string or a number", shown(copy));
  return copy;
}

/** Copies a value. A number has no sign if it is zero. */
function copyValue(place: string, value: unknown): FilterValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value + 0;
  if (typeof value === "string" && value.isWellFormed()) return value;
  return refuse(place, "a string of Unicode, a finite number, true, false or null", shown(value));
}

/** Reads the entries of an object, in which undefined is no entry. */
function entriesOf(place: string, value: object, expected: string): [string, unknown][] {
  const kind = kindIfNotPlain(value);
  if (kind !== undefined) refuse(place, expected, kind);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  refuseLong(place, entries.length, "names");
  return entries;
}

/** Refuses what cannot fit into a filter before time is spent on it. */
function refuseLong(place: string, length: number, what: string): void {
  if (length > MOST_LISTED) refuse(place, `at most ${MAX_FILTER_BYTES} bytes of JSON`, `${length} ${what}`);
}

const sortedObject = (entries: (readonly [string, unknown])[]): object =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

/** Returns the name of an element in a message. */
const placeIn = (place: string, name: string): string => `${place}.${name.slice(0, MOST_SHOWN)}`;

export function refuse(place: string, expected: string, got: string | number): never {
  throw new RangeError(`"${place}" expected ${expected}, got ${got}`);
}
