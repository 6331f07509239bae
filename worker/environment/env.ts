import type { EventSink, RateLimiter } from "../host/settings.ts";
import type { Assets, Bucket, KeyValues } from "../publication/store.ts";

/** The bindings that wrangler.toml gives the Worker and, as text, its variables. */
export interface ServiceEnv {
  /** Static assets: the index where INDEX_SOURCE is "assets", openapi.json, and the demo page under page/. */
  readonly ASSETS?: Assets;
  /** R2. */
  readonly INDEX?: Bucket;
  /** KV. */
  readonly INDEX_KV?: KeyValues;
  readonly RATE_LIMIT?: RateLimiter;
  /** Analytics Engine. */
  readonly EVENTS?: EventSink;
  /** Where the index is: "assets" (default), "r2" or "kv". */
  readonly INDEX_SOURCE?: string;
  /** Its file, or the pointer to it (a key that ends in .json): path among the assets or key; default index.midx. */
  readonly INDEX_KEY?: string;
  /** "true" serves the demo page at /, and the index file to it. */
  readonly DEMO?: string;
  // ServiceOptions describes the options of these names.
  readonly REFRESH_SECONDS?: string;
  readonly MAX_WORK?: string;
  readonly MAX_IN_FLIGHT?: string;
  readonly BODY_SECONDS?: string;
  /** Separated by commas or white space; a secret, so that nobody tries tokens against it at leisure. */
  readonly TOKENS?: string;
  /** Separated in the same way. */
  readonly ORIGINS?: string;
  readonly AUDIT_RATE?: string;
  readonly LOG_DRAWS?: string;
}
