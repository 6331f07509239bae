import type { MultiIndex } from "../../src/public.ts";
import { readIds } from "./ids.ts";

/** The fields of a body that say which distribution it is about. */
export interface ConditionFields {
  readonly temperature?: number | undefined;
  readonly exclude?: readonly unknown[] | undefined;
  readonly allow?: readonly unknown[] | undefined;
}

/** The same for the library; the same for all vectors of a request. */
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
