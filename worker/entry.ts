/**
 * The HTTP service as a Cloudflare Worker. The default export is a complete Worker that wrangler.toml configures
 * ({@link ServiceEnv}). {@link createHandler} makes the service a part of your own Worker. Its index comes from a file,
 * or with {@link publishedAt} from a store in which `midx publish` replaces it. docs/deploy.md shows both.
 *
 * @module
 */

// The types of the exports use only what every runtime has.
import type { ServiceEnv } from "./environment/env.ts";
import type { Handler } from "./handler-types.ts";
import { createWorker } from "./worker.ts";

export type { ServiceEnv } from "./environment/env.ts";
export { createHandler, type HandlerOptions } from "./handler.ts";
export type { Handler, HandlerContext } from "./handler-types.ts";
export type { EventSink, RateLimiter, ServiceBindings, ServiceOptions } from "./host/settings.ts";
export type { PublishedCanary, Publisher } from "./publication/publication.ts";
export { publishedAt } from "./publication/published-at.ts";
export type { Assets, Bucket, Found, KeyValues, Store } from "./publication/store.ts";
export { inAssets, inBucket, inKeyValues } from "./publication/stores.ts";

/**
 * The Worker, configured by the variables and bindings of wrangler.toml, which docs/deploy.md lists.
 *
 * @example
 * export { default } from "midx/worker";
 */
const worker: Handler<ServiceEnv> = /* @__PURE__ */ createWorker();
export default worker;
