import type { Bucket } from "../../../worker/publication/store.ts";
import { inBucket, manifestAt } from "../../../worker/router.ts";

/** The bindings of all Workers here. */
export interface StoreEnv {
  readonly INDEX: Bucket;
}

export const KEY = "words/current.json";
export const manifestOf = (env: StoreEnv) => manifestAt(inBucket(env.INDEX), KEY);
/** The SHA-256 of "writer". */
export const WRITER = "b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5";
/** Seconds between looks for changes. */
export const DELTA_SECONDS = 0.3;
/** Seconds between looks for another manifest. */
export const REFRESH_SECONDS = 0.05;
