import type { SegmentStore } from "../../publication/segments/segment-store.ts";

/** An etag that no value has, in the form that S3 gives to etags. */
const OTHER_ETAG = `"${"0".repeat(32)}"`;

/**
 * A store that is refused at its first write if it ignores conditions, as some servers of the S3 protocol do. A log in it would
 * silently lose changes of two writers. Its sets need that no value is replaced, and what says which are kept, that it is
 * replaced only as it was read. A server may know one of these conditions alone.
 */
export function checkedConditions(store: SegmentStore, prefix: string): SegmentStore {
  const key = `${prefix}conditions`;
  let checked: Promise<void> | undefined;
  const ignores = (condition: string): Error =>
    new Error(
      `${store.name} writes whatever the condition (${condition}): keep the log in a folder, or in a bucket of S3 or R2, which know If-None-Match and If-Match`,
    );
  const check = async (): Promise<void> => {
    const bytes = new TextEncoder().encode("a second write of this value must fail\n");
    await store.put(key, bytes, "absent");
    if (await store.put(key, bytes, "absent")) throw ignores("If-None-Match: *");
    if (await store.put(key, bytes, { etag: OTHER_ETAG })) throw ignores("If-Match with another etag");
  };
  return {
    ...store,
    async put(...args) {
      checked ??= check().catch((error: unknown) => {
        checked = undefined;
        throw error;
      });
      await checked;
      return store.put(...args);
    },
  };
}
