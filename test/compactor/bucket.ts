import type { SegmentBucket } from "../../worker/publication/values-in-bucket.ts";

/** The values of a bucket in memory. */
export type BucketValues = Map<string, { bytes: Uint8Array; etag: string }>;

/**
 * A bucket with these values, whose calls are counted. A call for which `fateOf` throws is not made. One for which it returns
 * "lost" is made, and throws then.
 */
export function bucketWith(
  start: ReadonlyMap<string, Uint8Array>,
  fateOf: (call: number, name: string, key: string) => unknown = () => {},
): { readonly bucket: SegmentBucket; readonly values: BucketValues } {
  const values: BucketValues = new Map();
  for (const [key, bytes] of start) values.set(key, { bytes, etag: "old" });
  let [calls, writes] = [0, 0];
  const call = async <T>(name: string, key: string, run: () => T): Promise<T> => {
    const fate = await fateOf(++calls, name, key);
    const result = run();
    if (fate === "lost") throw new Error("the answer was lost");
    return result;
  };
  const bucket: SegmentBucket = {
    get: (key) =>
      call("get", key, () => {
        const found = values.get(key);
        if (!found) return null;
        return { etag: found.etag, arrayBuffer: async () => Uint8Array.from(found.bytes).buffer };
      }),
    head: (key) => call("head", key, () => (values.has(key) ? {} : null)),
    list: ({ prefix, startAfter, limit }) =>
      call("list", prefix, () => {
        const keys = [...values.keys()].filter((key) => key.startsWith(prefix) && key > startAfter).sort();
        return { objects: keys.slice(0, limit).map((key) => ({ key })) };
      }),
    put: (key, bytes, { onlyIf }) =>
      call("put", key, () => {
        const there = values.get(key);
        if (onlyIf.etagDoesNotMatch && there) return null; // without a condition it writes, as R2 does
        if (onlyIf.etagMatches && there?.etag !== onlyIf.etagMatches) return null;
        values.set(key, { bytes: bytes.slice(), etag: `write ${++writes}` });
        return {};
      }),
    delete: (key) => call("delete", key, () => void values.delete(key)),
  };
  return { bucket, values };
}
