import { shown } from "../checks/check.ts";
import type { ColumnValue } from "../format/columns.ts";
import { type ColumnType, MAX_STRING_BYTES } from "../format/columns.ts";

/** Checks a value of a column. Undefined for none: null, undefined, and NaN among numbers, as tables have it. */
export function checkColumnValue(type: ColumnType, place: string, value: unknown): ColumnValue | undefined {
  if (value === null || value === undefined || (type === "number" && Number.isNaN(value))) return undefined;
  if (typeof value !== type) throw new TypeError(`${place} expected a ${type} or null, got ${shown(value)}`);
  if (typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value + 0;
    throw new RangeError(`${place} expected a finite number or null, got ${value}`);
  }
  const text = value as string;
  if (!text.isWellFormed()) throw new RangeError(`${place} expected Unicode text, got an unpaired surrogate`);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= MAX_STRING_BYTES) return text;
  throw new RangeError(`${place} expected at most ${MAX_STRING_BYTES} bytes of UTF-8, got ${bytes}: shorten it`);
}
