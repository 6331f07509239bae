import { checkFloats } from "../rows/matrix.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Model } from "./model.ts";
import { planTables, type Tables, valuesOf } from "./tables.ts";

/**
 * Copies the tables of a model into an instance. Zeros in place of a table that the model lacks would make wrong answers, as
 * those of a model that went through JSON, which keeps no typed arrays.
 *
 * @throws TypeError or RangeError that names the table
 */
export function loadTables(arena: Arena, { shape, tables }: Model): Tables {
  const planned = planTables(arena, shape, 0);
  for (const table of Object.values(planned)) {
    const values = tables?.[table.name] as Float32Array;
    const name = `model.tables.${table.name}`;
    checkFloats(name, values);
    const own = valuesOf(arena, table);
    if (values.length !== own.length) {
      throw new RangeError(`"${name}" expected ${own.length} values, got ${values.length}`);
    }
    own.set(values);
  }
  return planned;
}
