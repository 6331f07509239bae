import type { Filter, FilterValue } from "../columns/filter.ts";
import type { ColumnValue } from "../memory/columns.ts";
import { compareTexts } from "../memory/labels.ts";

/**
 * Tells whether values pass a checked filter. Classes of a file are filtered by codes, which are ranks among its values
 * (src/columns); what changes give may be no value of the file.
 */
export const passesFilter = (values: Readonly<Record<string, ColumnValue>>, filter: Filter): boolean =>
  Object.entries(filter).every(([name, wanted]) => {
    const value = Object.hasOwn(values, name) ? (values[name] as ColumnValue) : null;
    const operators = typeof wanted === "object" && wanted !== null ? wanted : { $eq: wanted };
    return Object.entries(operators).every(([operator, operand]) => passesOne(value, operator, operand));
  });

function passesOne(value: FilterValue, operator: string, operand: FilterValue | readonly FilterValue[]): boolean {
  if (operator === "$eq") return value === operand;
  if (operator === "$ne") return value !== operand;
  if (operator === "$in") return (operand as readonly FilterValue[]).includes(value);
  if (operator === "$nin") return !(operand as readonly FilterValue[]).includes(value);
  if (value === null) return false; // no value is in no range
  const difference = compared(value, operand as ColumnValue);
  if (operator === "$lt") return difference < 0;
  if (operator === "$lte") return difference <= 0;
  return operator === "$gt" ? difference > 0 : difference >= 0;
}

/** Compares strings by their bytes in UTF-8, as columns order them, and numbers. */
function compared(a: ColumnValue, b: ColumnValue): number {
  if (typeof a !== "string") return (a as number) - (b as number);
  const encoder = new TextEncoder();
  const [one, other] = [encoder.encode(a), encoder.encode(b as string)];
  return compareTexts(one, 0, one.length, other, 0, other.length);
}
