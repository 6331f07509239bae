import { shown } from "../checks/check.ts";
import { type ColumnFacts, NAMESPACE } from "../format/columns.ts";
import { type Filter, refuse } from "./filter.ts";

/** The facts about a column that filters are checked against. */
export type FilterColumn = Pick<ColumnFacts, "name" | "type">;

/** Returns the values that a filter of columns and a namespace want together. */
export const wantedValues = (filter: Filter | undefined, namespace: string | undefined): Filter => ({
  ...filter,
  ...(namespace !== undefined && { [NAMESPACE]: namespace }),
});

/**
 * Checks that wantedValues of a filter of copyFilter name columns of an index, and compare each of them with values of its type.
 * `prefix` stands before the names in messages. RangeError for a column that the index lacks, and for a value of another type.
 */
export function checkColumns(wanted: Filter, columns: readonly FilterColumn[], prefix: string): void {
  for (const [name, own] of Object.entries(wanted)) {
    const isNamespace = name === NAMESPACE;
    const place = `${prefix}${isNamespace ? "namespace" : `filter.${name.slice(0, 64)}`}`;
    const column = columns.find((each) => each.name === name);
    if (!column) throw new RangeError(`"${place}" expected ${expectedOf(columns, isNamespace)}`);
    for (const [at, value] of operandsOf(place, own)) {
      if (value === null || typeof value === column.type) continue;
      refuse(at, `a ${column.type}, as column ${shown(name)} has them`, shown(value));
    }
  }
}

/** Returns the values that a column is compared with, each with its place. Those of an array are sorted, so they share one. */
function operandsOf(place: string, wanted: Filter[string]): [place: string, value: unknown][] {
  if (typeof wanted !== "object" || wanted === null) return [[place, wanted]];
  return Object.entries(wanted).flatMap(([operator, operand]): [string, unknown][] => {
    const own = `${place}.${operator}`;
    return (Array.isArray(operand) ? operand : [operand]).map((value) => [own, value]);
  });
}

function expectedOf(columns: readonly FilterColumn[], isNamespace: boolean): string {
  if (isNamespace) return "an index built with namespaces, got one without";
  const names = columns.flatMap(({ name }) => (name === NAMESPACE ? [] : [shown(name)]));
  return names.length > 0
    ? `a column of the index: ${names.join(", ")}`
    : "an index built with columns, got one without";
}
