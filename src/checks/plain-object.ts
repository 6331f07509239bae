import { kindOf } from "./check.ts";

/** Objects that hold something else than properties. They would pass for objects without any. */
const HOLDER = /\w*Buffer|DataView|Date|Map|Blob|File|Response/;

/** Checks for an object with properties. TypeError for another value. */
export function checkPlain(place: string, value: unknown, expected = "an object"): void {
  const holder = HOLDER.exec({}.toString.call(value));
  const kind = holder ? `${holder}: pass what it holds` : kindOf(value);
  if (kind !== "an object") throw new TypeError(`${place} expected ${expected}, got ${kind}`);
}
