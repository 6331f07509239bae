import type { MultiIndex } from "../../src/public.ts";
import { readIds } from "./ids.ts";

/** The fields of a request that set the conditions of the softmax. */
export interface ConditionFields {
  readonly temperature?: number | undefined;
  readonly exclude?: readonly unknown[] | undefined;
  readonly allow?: readonly unknown[] | undefined;
}

/** The conditions as options of the library. They hold for all queries of a request. */
export interface Conditions {
  readonly temperature?: number;
  readonly exclude?: Int32Array;
  readonly allow?: Int32Array;
}

export function readConditions({ temperature, exclude, allow }: ConditionFields, index: MultiIndex): Conditions {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(exclude && { exclude: readIds(exclude, "exclude", index) }),
    ...(allow && { allow: readIds(allow, "allow", index) }),
  };
}
