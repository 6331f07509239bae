import { invalidField, kindOf } from "./invalid-field.ts";
import { MAX_IDS } from "./limits.ts";

/** The class ids of a field, at most MAX_IDS; a 400 names the element that is wrong. */
export function readIds(ids: readonly unknown[], field: string, itemCount: number): Int32Array {
  if (ids.length > MAX_IDS) throw invalidField(field, `at most ${MAX_IDS} ids, got ${ids.length}`);
  const classes = new Int32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id: unknown = ids[i];
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= itemCount) {
      throw invalidField(`${field}[${i}]`, `an integer from 0 to ${itemCount - 1}, got ${kindOf(id)}`);
    }
    classes[i] = id;
  }
  return classes;
}
