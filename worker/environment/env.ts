import type { EventSink, RateLimiter } from "../host/settings.ts";
import type { Assets, Bucket, KeyValues } from "../publication/store.ts";

/**
 * The bindings and variables of wrangler.toml. An absent variable has its default. A variable that is blank, malformed or out
 * of range closes the service: every request gets a 503 `misconfigured`, and the log names the variable.
 */
export interface ServiceEnv {
  /**
   * Static assets: the description of the service, such as openapi.json, the demo page under page/, and the index if INDEX_SOURCE is
   * "assets". Default none: the Worker then serves none of these files, and requires another INDEX_SOURCE.
   */
  readonly ASSETS?: Assets;
  /** The R2 bucket of the index. Default none. It is required if INDEX_SOURCE is "r2", and otherwise not read. */
  readonly INDEX?: Bucket;
  /** The KV namespace of the index. Default none. It is required if INDEX_SOURCE is "kv", and otherwise not read. */
  readonly INDEX_KV?: KeyValues;
  /** The rate limit of each token or, without a token, of each address. Default none: no request gets a 429. */
  readonly RATE_LIMIT?: RateLimiter;
  /** The Analytics Engine data set that receives an event per request, audit and refresh. Default none: no events. */
  readonly EVENTS?: EventSink;
  /** The store of the index: "assets" (default), "r2" or "kv". */
  readonly INDEX_SOURCE?: string;
  /** The key or asset path of the index file, or of the pointer to it, whose key ends in .json. Default index.midx. */
  readonly INDEX_KEY?: string;
  /** "true" serves the demo page at /, and the index file that the page loads. Default "false": these paths get 404. */
  readonly DEMO?: string;
  /** Seconds between checks for a newer index, 0 to 86,400. With 0 the Worker never checks. Default 60. */
  readonly REFRESH_SECONDS?: string;
  /** Most multiply-adds that one request may need, counted before it runs. A larger one gets a 400. Default 100,000,000. */
  readonly MAX_WORK?: string;
  /** Most requests in flight in an isolate, 1 to 65,536. A further one can get a 503. Default 256. */
  readonly MAX_IN_FLIGHT?: string;
  /** Seconds that the body of a request may take to arrive, 1 to 600. A slower one gets a 408. Default 30. */
  readonly BODY_SECONDS?: string;
  /**
   * SHA-256 digests of bearer tokens, in hex, separated by commas or white space. Make it a secret, so that nobody can test
   * tokens against it offline. Default none: the service is open to everyone.
   */
  readonly TOKENS?: string;
  /**
   * Origins of the pages that may call the service, separated by commas or white space, or "*" alone. Default none: browsers
   * refuse the answers to pages of other origins.
   */
  readonly ORIGINS?: string;
  /** The share of estimates, 0 to 1, that the Worker recomputes exactly after the response. Default 0. */
  readonly AUDIT_RATE?: string;
  /** "true" keeps the vector of each audited query, for `GET /v1/audits`. Default "false". */
  readonly AUDIT_QUERIES?: string;
  /** "true" logs every answer of `/v1/sample` as a line of JSON with its log Q, but without the vector. Default "false". */
  readonly LOG_DRAWS?: string;
}
