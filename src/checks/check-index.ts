import { kindOf } from "./check.ts";

/** Returns the facts of an index, or of one in parts. Throws a TypeError for anything else. */
export function checkIndex<Info extends { readonly dim: number }>(index: { readonly info: Info }): Info {
  const { info }: { readonly info?: Info } = Object(index);
  if (typeof info?.dim !== "number") throw new TypeError(`"index" expected a loaded index, got ${kindOf(index)}`);
  return info;
}
