/** Holds a write back unless the value still has this etag, or does not exist. */
export type PutCondition =
  | {
      /** The etag that the value must still have. */
      readonly etag: string;
    }
  | "absent";

/** A value of a store. */
export interface StoredSegment {
  /** The value. */
  readonly bytes: Uint8Array;
  /** A tag that differs for different values. */
  readonly etag: string;
}

/**
 * A store of values by key for a log in segments: a folder or a bucket. A read that begins after a write has ended sees it, and
 * only one of two conditional writes of one key succeeds. KV guarantees neither, so no log is kept there.
 */
export interface SegmentStore {
  /** The name in messages, such as `the bucket bound as INDEX`. */
  readonly name: string;
  /**
   * Reads a value.
   *
   * @param key the key
   * @returns the value, or undefined if there is none
   *
   * @example
   * const first = await store.get("words/log/000000000001.set");
   */
  get(key: string): Promise<StoredSegment | undefined>;
  /**
   * Looks for a value without reading it.
   *
   * @param key the key
   * @returns whether there is one
   *
   * @example
   * const isEmpty = !(await store.has("words/log/000000000001.set"));
   */
  has(key: string): Promise<boolean>;
  /**
   * Lists keys in the order of their bytes.
   *
   * @param prefix the beginning of the keys
   * @param behind only keys that come behind this one in order are listed, whether there is a value of it or not
   * @returns some of the first of these keys, none only if there is none
   *
   * @example
   * const keys = await store.list("words/log/", "words/log/000000000001");
   */
  list(prefix: string, behind: string): Promise<readonly string[]>;
  /**
   * Writes a value in one step, so that it is there or not, even after a crash.
   *
   * @param key the key
   * @param bytes the value
   * @param condition the condition that must hold
   * @returns false if the condition does not hold, and nothing is written then
   *
   * @example
   * const isFirst = await store.put("words/log/000000000001.set", bytes, "absent");
   */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, condition: PutCondition): Promise<boolean>;
  /**
   * Removes a value, if there is one.
   *
   * @param key the key
   *
   * @example
   * await store.remove("words/log/000000000001.set");
   */
  remove(key: string): Promise<void>;
}
