import { kindOf } from "./check.ts";

/** Objects that hold something else than properties. They would pass for objects without any. */
const HOLDER = /\w*Buffer|DataView|Date|Map|Blob|File|Response|URLSearchParams/;

/** Returns the kind of a value that is no object with properties, for a message. Undefined for one that is. */
export function kindIfNotPlain(value: unknown): string | undefined {
  const holder = HOLDER.exec({}.toString.call(value));
  const kind = holder ? `${holder}: pass what it holds` : kindOf(value);
  return kind === "an object" ? undefined : kind;
}

/** Checks for an object with properties. TypeError for another value. */
export function checkPlain(place: string, value: unknown, expected = "an object"): void {
  const kind = kindIfNotPlain(value);
  if (kind !== undefined) throw new TypeError(`${place} expected ${expected}, got ${kind}`);
}
