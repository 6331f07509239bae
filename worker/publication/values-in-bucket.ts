import type { PublicationStore } from "../../src/publication/publishing/publication-store.ts";
import type { PutCondition, SegmentStore } from "../../src/publication/segments/segment-store.ts";

/** The part of Workers' R2 binding that a log in segments, and a compactor, use. */
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
   * Lists objects in the order of their keys.
   *
   * @param options the beginning of the keys, the key behind which they come, and the most objects
   * @returns the objects
   *
   * @example
   * const { objects } = await env.INDEX.list({ prefix: "words/log/", startAfter: "words/log/000000000001", limit: 128 });
   */
  list(options: {
    /** The beginning of the keys. */
    prefix: string;
    /** The key behind which they come. */
    startAfter: string;
    /** The most objects. */
    limit: number;
  }): Promise<{
    /** The objects. */
    readonly objects: readonly {
      /** The key of the object. */
      readonly key: string;
    }[];
  }>;
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

/** Keeps publications and logs in segments in an R2 bucket. `name` stands in messages, such as "the bucket bound as INDEX". */
export const valuesInBucket = (bucket: SegmentBucket, name: string): SegmentStore & PublicationStore => ({
  name,
  async get(key) {
    const object = await bucket.get(key);
    return object ? { bytes: new Uint8Array(await object.arrayBuffer()), etag: object.etag } : undefined;
  },
  has: async (key) => (await bucket.head(key)) !== null,
  list: async (prefix, startAfter) =>
    (await bucket.list({ prefix, startAfter, limit: 128 })).objects.map(({ key }) => key),
  put: async (key, bytes, condition) => (await bucket.put(key, bytes, { onlyIf: conditionOf(condition) })) !== null,
  remove: (key) => bucket.delete(key),
});

/** Without a condition the bucket writes in any case. */
function conditionOf(condition: PutCondition | undefined): { etagMatches?: string; etagDoesNotMatch?: string } {
  if (condition === undefined) return {};
  return condition === "absent" ? { etagDoesNotMatch: "*" } : { etagMatches: condition.etag };
}
