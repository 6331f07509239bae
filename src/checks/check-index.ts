import { kindOf } from "../../checks/check.ts";
import type { IndexInfo } from "../../index/info.ts";

/** Returns the facts of an index. Throws a TypeError for anything else. */
export function checkIndex<Info extends Pick<IndexInfo, "dim">>(index: { readonly info: Info }): Info {
  const { info }: { readonly info?: Info } = Object(index);
  if (typeof info?.dim !== "number") throw new TypeError(`"index" expected a loaded index, got ${kindOf(index)}`);
  return info;
}
