import type { Served } from "../host/host.ts";
import type { Conditions } from "../request/conditions.ts";

/** The fields of an answer to one query that every kind of answer names alike. */
export interface Answer {
  /** Rows read. */
  readonly scored: number;
  readonly effectiveSampleSize?: number;
  readonly standardError?: number;
  readonly headShare?: number;
  readonly logPartition?: number;
  readonly lowEss?: boolean;
}

/** A request that was answered. */
export interface Answered {
  readonly path: string;
  readonly served: Served;
  /** (answers × dim) f32. */
  readonly queries: Float32Array;
  readonly conditions: Conditions;
  readonly options: object;
  /** One a query. */
  readonly answers: readonly Answer[];
}
