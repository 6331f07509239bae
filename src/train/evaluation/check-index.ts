import { kindOf } from "../../checks/check.ts";
import type { IndexInfo } from "../../index/info.ts";
import type { MultiIndex } from "../../index/multi-index.ts";

/** Returns the facts of an index. Throws a TypeError for anything else. */
export function checkIndex(index: MultiIndex): IndexInfo {
  const { info }: Partial<MultiIndex> = Object(index);
  if (typeof info?.dim !== "number") throw new TypeError(`"index" expected a loaded index, got ${kindOf(index)}`);
  return info;
}
