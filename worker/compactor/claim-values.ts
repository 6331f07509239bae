import { folderOf, type Part } from "../../src/publication/pointer.ts";
import { marksKey, parseMarks, serialiseMarks, unmarked } from "../../src/publication/pruning.ts";
import type { SegmentBucket } from "../publication/segments-in-bucket.ts";

/**
 * Takes the marks of midx prune from a version and its parts, before a publication relies on those that are there.
 *
 * @throws Error if a prune has begun to delete some of it
 */
export async function claimValues(
  bucket: SegmentBucket,
  key: string,
  version: string,
  parts: readonly Part[],
): Promise<void> {
  const place = marksKey(key);
  for (;;) {
    const found = await bucket.get(place);
    if (!found) return;
    const marks = parseMarks(new Uint8Array(await found.arrayBuffer()), `"${place}"`);
    const left = unmarked(marks, version, parts, (value) => `"${folderOf(key)}${value}"`);
    if (!left || (await bucket.put(place, serialiseMarks(left), { onlyIf: { etagMatches: found.etag } }))) return;
  }
}
