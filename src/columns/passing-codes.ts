import type { ColumnValue } from "../format/columns.ts";
import { type Column, rankOf } from "../memory/columns.ts";
import type { Filter, FilterOperators, FilterValue, Operator } from "./filter.ts";

/** Returns a flag for each code of a column: 1 if its value passes the filter, whose values have the type of the column. */
export function passingCodes(column: Column, wanted: Filter[string]): Uint8Array {
  const operators: FilterOperators = typeof wanted === "object" && wanted !== null ? wanted : { $eq: wanted };
  const passes = new Uint8Array(column.distinct + 1);
  let [first, last] = [1, column.distinct];
  let isRange = false;
  for (const [operator, operand] of Object.entries(operators) as [Operator, unknown][]) {
    const values: FilterValue[] = Array.isArray(operand) ? operand : [operand];
    const [only] = values;
    if (/^\$[lg]t/.test(operator)) {
      isRange = true;
      const { below, upTo } = rankOf(column, only as ColumnValue);
      if (operator === "$gt") first = upTo + 1;
      else if (operator === "$gte") first = below + 1;
      else last = operator === "$lt" ? below : upTo;
      continue;
    }
    const isNegated = operator.startsWith("$n");
    if (isNegated) passes.fill(1);
    for (const value of values) {
      if (value === null) passes[0] = isNegated ? 0 : 1;
      else {
        const { below, upTo } = rankOf(column, value);
        if (upTo > below) passes[upTo] = isNegated ? 0 : 1;
      }
    }
  }
  if (isRange && last >= first) passes.fill(1, first, last + 1);
  return passes;
}
