/** Holds a write back unless the value still has this etag, or does not exist. */
export type PutCondition = { readonly etag: string } | "absent";

/**
 * Values by key, which a log in segments is kept in: a folder or a bucket. Whoever reads after a write has ended sees it, and of
 * two conditional writes of one key only one holds. KV has neither, so no log is kept there.
 */
export interface SegmentStore {
  /** The name in messages, such as `the bucket bound as INDEX`. */
  readonly name: string;
  get(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined>;
  /** Tells whether there is a value, without reading it. */
  has(key: string): Promise<boolean>;
  /** Writes a value in one step. Returns false if the condition did not hold, and then writes nothing. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, condition: PutCondition): Promise<boolean>;
  /** Removes a value, if there is one. */
  remove(key: string): Promise<void>;
}
