import { pointerBefore } from "../../publication/publishing/current.ts";
import { type Publication, type PublishOptions, publishVersion } from "../../publication/publishing/publish-version.ts";
import { type OfLog, requireKeptBeside } from "./kept-by-log.ts";
import { readFacts } from "./read-facts.ts";
import { OPTIONS_OF_COMMANDS } from "./remedies.ts";
import type { Store } from "./store.ts";

/**
 * Publishes an index file, which the caller has verified, beside a version of any midx. Throws as publishVersion does, and an
 * Error if a log beside the pointer no longer has the changes behind the file.
 */
export async function publish(
  store: Store,
  pointerKey: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: Omit<PublishOptions, "readFacts" | "remedies"> & OfLog,
): Promise<Publication> {
  const before = await pointerBefore(store, pointerKey, options);
  if (before && !options.isForced && !options.isOfLog) await requireKeptBeside(store, pointerKey, options);
  const expected = before ?? "absent";
  return publishVersion(store, pointerKey, bytes, { ...options, readFacts, remedies: OPTIONS_OF_COMMANDS, expected });
}
