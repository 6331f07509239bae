import type { Filter, FilterValue } from "../columns/filter.ts";
import type { ColumnValue } from "../memory/columns.ts";

/**
 * Tells whether a value, null for none, meets the condition of a checked filter for its column. Classes of a file are filtered
 * by codes, which are ranks among its values (src/columns); changes may give values that the file does not have.
 */
export function passesFilter(value: FilterValue, wanted: Filter[string]): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  for (const [operator, operand] of Object.entries(wanted)) if (!passesOne(value, operator, operand)) return false;
  return true;
}

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

/** Compares numbers, and strings by code points, which is the order of their bytes in UTF-8. */
function compared(a: ColumnValue, b: ColumnValue): number {
  if (typeof a !== "string" || typeof b !== "string") return (a as number) - (b as number);
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (one !== other) return rankOfUnit(one) - rankOfUnit(other);
  }
  return a.length - b.length;
}

/** Puts surrogates, which stand for the code points beyond the BMP, behind all other units of UTF-16. */
const rankOfUnit = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
