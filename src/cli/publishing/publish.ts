import { type Publication, type PublishOptions, publishVersion } from "../../publication/publishing/publish-version.ts";
import { readFacts } from "./read-facts.ts";
import type { Store } from "./store.ts";

/** Publishes an index file, which the caller has verified, beside a version of any midx. Throws as publishVersion does. */
export const publish = (
  store: Store,
  pointerKey: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: Omit<PublishOptions, "readFacts">,
): Promise<Publication> => publishVersion(store, pointerKey, bytes, { ...options, readFacts });
