import type { Bucket } from "../../../worker/publication/store.ts";
import { inBucket, manifestAt } from "../../../worker/router.ts";

/** The bindings of all Workers here. */
export interface StoreEnv {
  readonly INDEX: Bucket;
}

export const KEY = "words/current.json";
export const manifestOf = (env: StoreEnv) => manifestAt(inBucket(env.INDEX), KEY);
/** Seconds between looks for another manifest. */
export const REFRESH_SECONDS = 0.05;
