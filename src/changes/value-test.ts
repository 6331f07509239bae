import type { Filter, FilterOperators, FilterValue } from "../columns/filter.ts";
import type { ColumnValue } from "../format/columns.ts";
import type { ValueTest } from "../memory/delta.ts";
import { compareCodePoints } from "./code-points.ts";

/**
 * Makes a test of the condition of a checked filter for its column, once for all classes. It tells whether a value, null for
 * none, meets the condition. Classes of a file are filtered by codes, which are ranks among its values (src/columns); changes
 * may give values that the file does not have.
 */
export function valueTest(wanted: Filter[string]): ValueTest {
  const operators: FilterOperators = typeof wanted === "object" && wanted !== null ? wanted : { $eq: wanted };
  const [first, second] = Object.entries(operators).map((entry) => operatorTest(...entry)) as [ValueTest, ValueTest?];
  return second ? (value) => first(value) && second(value) : first;
}

function operatorTest(operator: string, operand: FilterValue | readonly FilterValue[]): ValueTest {
  if (operator === "$eq") return (value) => value === operand;
  if (operator === "$ne") return (value) => value !== operand;
  if (operator === "$in" || operator === "$nin") {
    const listed = new Set(operand as readonly FilterValue[]);
    return operator === "$in" ? (value) => listed.has(value) : (value) => !listed.has(value);
  }
  const limit = operand as ColumnValue;
  if (operator === "$lt") return (value) => value !== null && isBelow(value, limit); // no value is in no range
  if (operator === "$lte") return (value) => value !== null && !isBelow(limit, value);
  return operator === "$gt"
    ? (value) => value !== null && isBelow(limit, value)
    : (value) => value !== null && !isBelow(value, limit);
}

/** Compares numbers, and strings by code points. */
const isBelow = (a: ColumnValue, b: ColumnValue): boolean =>
  typeof a === "string" && typeof b === "string" ? compareCodePoints(a, b) < 0 : a < b;
