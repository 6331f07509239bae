import type { Served } from "../host/host.ts";
import type { Conditions } from "../request/conditions.ts";

/** The fields that all kinds of answers to one query share. */
export interface Answer {
  /** The number of rows that were read. */
  readonly scored: number;
  readonly effectiveSampleSize?: number;
  readonly standardError?: number;
  readonly modelError?: number;
  readonly headShare?: number;
  readonly logPartition?: number;
  readonly lowEss?: boolean;
  /** Present if the effort was chosen for the query. */
  readonly choice?: { readonly draws: number };
  /** The rule that decided which classes decode kept, and their number. */
  readonly decided?: string;
  readonly kept?: number;
}

/** A request with its answers. */
export interface AnsweredRequest {
  /** The path as metrics and events name it. */
  readonly path: string;
  readonly served: Served;
  /** (answers × dim) f32. */
  readonly queries: Float32Array;
  readonly conditions: Conditions;
  readonly options: object;
  /** One answer for each query. */
  readonly answers: readonly Answer[];
}
