import { MAX_BATCH } from "../contract/limits.ts";
import { invalidField } from "./invalid-field.ts";

/** The queries of one request. */
export interface BatchOfQueries {
  /** (count × dim) f32, row by row. */
  readonly values: () => Float32Array;
  readonly count: number;
  /** Multiply-adds that `values` takes, from above. */
  readonly work: number;
}

export function checkCount(count: number, field: string): void {
  if (count < 1 || count > MAX_BATCH) throw invalidField(field, `1 to ${MAX_BATCH} queries, got ${count}`);
}
