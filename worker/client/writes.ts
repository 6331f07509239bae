import type { Call } from "./call.ts";
import { json } from "./request-of.ts";

/** Classes to add, or to give other rows. */
export interface UpsertedClasses {
  /** The label of each class, 1 to 1,000. An index without labels takes ids, such as "17". */
  readonly labels: readonly string[];
  /** The row of each class, `dim` values. */
  readonly rows: readonly (Float32Array | readonly number[])[];
  /** The bias of each class, for an index with biases alone. */
  readonly biases?: readonly number[];
  /**
   * The metadata of each class, at most 10 KiB of JSON: the values of the columns of the index, and anything else. Default:
   * unchanged.
   */
  readonly metadata?: readonly (Readonly<Record<string, unknown>> | null)[];
  /** The namespace of each class. Default: unchanged. */
  readonly namespaces?: readonly (string | null)[];
  /** The name of the space that the rows are of. A name other than the index's is refused. */
  readonly space?: string;
}

/** Options of `upsert` and `delete`. */
export interface WriteOptions {
  /** The same key within 24 hours is the same call, so that a call without an answer can be sent again. Default none. */
  readonly idempotencyKey?: string;
  /** Cancels the request. The changes may be written nevertheless. Default none. */
  readonly signal?: AbortSignal;
}

/** Changes that are in the log. */
export interface Mutation {
  /** The id of the changes, for `minMutation` of calls that must see them. */
  readonly mutationId: string;
  /** Their place in the log, from 1. */
  readonly sequence: number;
}

/** Sends changes to a path. */
export async function write(
  call: Call,
  path: string,
  body: object,
  { idempotencyKey, signal }: WriteOptions = {},
): Promise<Mutation> {
  const own = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
  return call(path, json(body), signal, "mutationId", own);
}
