import { MAX_BATCH } from "../contract/limits.ts";
import { invalidField } from "./invalid-field.ts";

/** The queries of one request. */
export interface QueryBatch {
  /** Returns the queries as (count × dim) f32, row by row. */
  readonly values: () => Float32Array;
  readonly count: number;
  /** The most multiply-adds that `values` can need. */
  readonly work: number;
}

export function checkCount(count: number, field: string): void {
  if (count < 1 || count > MAX_BATCH) throw invalidField(field, `1 to ${MAX_BATCH} queries, got ${count}`);
}
