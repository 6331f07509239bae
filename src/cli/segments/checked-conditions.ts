import type { SegmentStore } from "../../publication/segments/segment-store.ts";

/**
 * A store that is refused at its first write if it ignores conditions, as some servers of the S3 protocol do. A log in it would
 * silently lose changes of two writers.
 */
export function checkedConditions(store: SegmentStore, prefix: string): SegmentStore {
  const key = `${prefix}conditions`;
  let checked: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    const bytes = new TextEncoder().encode("a second write of this value must fail\n");
    await store.put(key, bytes, "absent");
    if (!(await store.put(key, bytes, "absent"))) return;
    throw new Error(
      `${store.name} writes whatever the condition: keep the log in a folder, or in a bucket of S3 or R2, which know If-None-Match`,
    );
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
