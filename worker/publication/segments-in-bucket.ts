import type { SegmentStore } from "../../src/publication/segments/segment-store.ts";

/** The part of Workers' R2 binding that a log in segments uses. */
export interface SegmentBucket {
  /**
   * Reads an object.
   *
   * @param key the key of the object
   * @returns the object, or null if there is no such key
   *
   * @example
   * const object = await env.INDEX.get("words/log/000000000001.set");
   */
  get(key: string): Promise<{
    /** The tag of the object's content. */
    readonly etag: string;
    /** Reads the content. */
    arrayBuffer(): Promise<ArrayBuffer>;
  } | null>;
  /**
   * Looks for an object without reading it.
   *
   * @param key the key of the object
   * @returns null if there is no such key
   *
   * @example
   * const isThere = (await env.INDEX.head("words/log/000000000001.set")) !== null;
   */
  head(key: string): Promise<object | null>;
  /**
   * Writes an object if a condition holds.
   *
   * @param key the key of the object
   * @param bytes its content
   * @param options the condition
   * @returns null if the condition does not hold
   *
   * @example
   * const created = await env.INDEX.put("words/log/000000000001.set", bytes, { onlyIf: { etagDoesNotMatch: "*" } });
   */
  put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    options: {
      /** The condition. */
      onlyIf: {
        /** The etag that the object must still have. */
        etagMatches?: string;
        /** "*" for an object that must not be there. */
        etagDoesNotMatch?: string;
      };
    },
  ): Promise<object | null>;
  /**
   * Deletes an object, if there is one.
   *
   * @param key the key of the object
   *
   * @example
   * await env.INDEX.delete("words/log/000000000001.set");
   */
  delete(key: string): Promise<void>;
}

/** Keeps a log in an R2 bucket. `binding` is its name in error messages. */
export const segmentsInBucket = (bucket: SegmentBucket, binding: string): SegmentStore => ({
  name: `the bucket bound as ${binding}`,
  async get(key) {
    const object = await bucket.get(key);
    return object ? { bytes: new Uint8Array(await object.arrayBuffer()), etag: object.etag } : undefined;
  },
  has: async (key) => (await bucket.head(key)) !== null,
  async put(key, bytes, condition) {
    const onlyIf = condition === "absent" ? { etagDoesNotMatch: "*" } : { etagMatches: condition.etag };
    return (await bucket.put(key, bytes, { onlyIf })) !== null;
  },
  remove: (key) => bucket.delete(key),
});
