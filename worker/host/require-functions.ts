import { shown } from "../../src/internal.ts";

/** Throws a TypeError that names an argument or an option which is no function, before a request has to call it. */
export function requireFunctions(given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "function") throw new TypeError(`"${name}" expected a function, got ${shown(value)}`);
  }
}
