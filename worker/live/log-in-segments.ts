import type { ChangeLog } from "../../src/publication/change-log.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import type { SegmentStore } from "../../src/publication/segments/segment-store.ts";

/**
 * A log of changes in a folder, a bucket or any other store that creates a value only if it is absent.
 *
 * @function
 * @param store the store
 * @param prefix the beginning of the keys of the log, such as "words/log/"
 * @returns the log, to return from `log` of `createLiveHandler`, or of `changesBy` of midx/router
 *
 * @example
 * const changes = logInSegments(store, "words/log/");
 */
export const logInSegments = (store: SegmentStore, prefix: string): ChangeLog => new SegmentLog(store, prefix);
