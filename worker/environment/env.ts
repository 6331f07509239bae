import type { EventSink, RateLimiter } from "../host/settings.ts";
import type { Assets, Bucket, KeyValues } from "../publication/store.ts";

/** The bindings and variables of wrangler.toml. Variables are text. */
export interface ServiceEnv {
  /** Static assets: openapi.json, the demo page under page/, and the index if INDEX_SOURCE is "assets". */
  readonly ASSETS?: Assets;
  /** The R2 bucket of the index. */
  readonly INDEX?: Bucket;
  /** The KV namespace of the index. */
  readonly INDEX_KV?: KeyValues;
  /** The rate limit. */
  readonly RATE_LIMIT?: RateLimiter;
  /** The Analytics Engine data set that receives events. */
  readonly EVENTS?: EventSink;
  /** The store of the index: "assets" (default), "r2" or "kv". */
  readonly INDEX_SOURCE?: string;
  /** The key or asset path of the index file, or of the pointer to it, whose key ends in .json. Default index.midx. */
  readonly INDEX_KEY?: string;
  /** "true" serves the demo page at /, and the index file that the page loads. */
  readonly DEMO?: string;
  // ServiceOptions describes the following variables under their names in camel case.
  readonly REFRESH_SECONDS?: string;
  readonly MAX_WORK?: string;
  readonly MAX_IN_FLIGHT?: string;
  readonly BODY_SECONDS?: string;
  /** Digests separated by commas or white space. Make it a secret, so that nobody can test tokens against it offline. */
  readonly TOKENS?: string;
  /** Origins separated by commas or white space. */
  readonly ORIGINS?: string;
  readonly AUDIT_RATE?: string;
  readonly LOG_DRAWS?: string;
}
