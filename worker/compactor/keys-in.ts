import type { SegmentStore } from "../../src/publication/segments/segment-store.ts";

/** Lists the keys in a folder of a bucket, without those in folders of it, which may be many: their keys are passed over. */
export async function keysIn(store: Pick<SegmentStore, "list">, folder: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let behind = folder; ; ) {
    const page = await store.list(folder, behind);
    if (page.length === 0) return keys;
    for (const key of page) {
      const end = key.indexOf("/", folder.length);
      behind = end < 0 ? key : `${key.slice(0, end)}0`; // "0" follows "/"
      if (end >= 0) break;
      keys.push(key);
    }
  }
}
