import { isObject } from "../checks/is-object.ts";

/** Returns the value of a field of a row: under its name, or nested where the name has dots. Undefined without one. */
export function fieldOf(row: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const inner = fieldOf(row, name.slice(0, dot));
    if (!isObject(inner)) continue;
    const value = fieldOf(inner, name.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}
