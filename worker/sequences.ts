/**
 * The HTTP service over an index that carries an encoder: beside the routes of midx/worker, which take `sequence` and `sequences`
 * as queries, it answers `/v1/encode`. The default export is a complete Worker that wrangler.toml configures ({@link ServiceEnv}),
 * and {@link createHandler} makes the service a part of your own Worker. docs/sequences.md shows both.
 *
 * @module
 */
import { hasEncoder, openEncoder } from "../src/encoder/workerd.ts";
import type { IndexSource } from "../src/public.ts";
import { load } from "../src/workerd.ts";
import type { ServiceEnv } from "./environment/env.ts";
import { type HandlerOptions, handlerOf, type IndexOf } from "./handler.ts";
import type { Handler } from "./handler-types.ts";
import { createSequenceService } from "./sequence-service.ts";
import type { ServiceEnvironment } from "./service.ts";
import { createWorker } from "./worker.ts";

export type { ServiceEnv } from "./environment/env.ts";
export type { HandlerOptions, IndexOf } from "./handler.ts";
export type { Handler, HandlerContext } from "./handler-types.ts";
export type { EventSink, RateLimiter, ServiceBindings, ServiceOptions } from "./host/settings.ts";
export type { PublishedCanary, Publisher } from "./publication/publication.ts";
export { publishedAt } from "./publication/published-at.ts";
export type { Assets, Bucket, Found, KeyValues, Store } from "./publication/store.ts";
export { inAssets, inBucket, inKeyValues } from "./publication/stores.ts";

const create = (environment: ServiceEnvironment<IndexSource>) =>
  createSequenceService(load, async (index) => (hasEncoder(index) ? openEncoder(index) : undefined), environment);

/**
 * Creates the HTTP application for your own Worker, as that of midx/worker does, with sequences. An index without an encoder
 * answers all other queries.
 *
 * @param indexOf returns the file of the index, which each isolate opens once, or a publisher
 * @param options limits, tokens and origins of the service, and a function that returns its bindings
 * @returns the handler, to export as the Worker or to call for some of its paths
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * export default createHandler((env: Env) => publishedAt(inBucket(env.INDEX), "items/current.json"));
 */
export const createHandler = <Env>(indexOf: IndexOf<Env>, options: HandlerOptions<Env> = {}): Handler<Env> =>
  handlerOf(create, indexOf, options);

/**
 * The Worker, configured by the variables and bindings of wrangler.toml, which docs/deploy.md lists.
 *
 * @example
 * export { default } from "midx/sequences";
 */
const worker: Handler<ServiceEnv> = /* @__PURE__ */ createWorker(create, "sequences-openapi.json");
export default worker;
