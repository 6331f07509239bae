/**
 * A router over the parts of a large index, as a Cloudflare Worker: {@link createRouter} answers the routes of midx/worker by
 * asking parts, which Durable Objects, Workers behind service bindings or processes at URLs serve ({@link HostsOf}). It contains
 * no WebAssembly. docs/scale-out.md shows the whole.
 *
 * @module
 */
import type { Context } from "hono";
import { shown } from "../src/internal.ts";
import type { ChangeRoutes, RouterChanges } from "./changes-by.ts";
import { memoized } from "./environment/memoized.ts";
import type { Handler, HandlerContext } from "./handler-types.ts";
import { requireFunctions } from "./host/require-functions.ts";
import { type ServiceBindings, type ServiceOptions, settingsOf } from "./host/settings.ts";
import { noContext } from "./no-context.ts";
import type { PublishedManifest } from "./publication/manifest-at.ts";
import type { Publisher } from "./publication/publication.ts";
import type { HostsOf } from "./router/part-hosts.ts";
import { MetricsByPart } from "./router/part-metrics.ts";
import { remoteSources } from "./router/remote-sources.ts";
import { type RouterOptions, routerSettingsOf } from "./router/router-settings.ts";
import type { RouterSequences } from "./router/sequences-by.ts";
import { createRouterService, type RouterEnvironment } from "./router-service.ts";

export type {
  Appended,
  AppendOptions,
  ChangeLog,
  LogPage,
  NumberedSet,
  SeenSets,
} from "../src/publication/change-log.ts";
export type { PutCondition, SegmentStore, StoredSegment } from "../src/publication/segments/segment-store.ts";
export { changesBy, type RouterChanges, type RouterChangesOptions } from "./changes-by.ts";
export type { Handler, HandlerContext } from "./handler-types.ts";
export type { EventSink, RateLimiter, ServiceBindings, ServiceOptions } from "./host/settings.ts";
export type { LiveOptions } from "./live/live-settings.ts";
export { logInBucket } from "./live/log-in-bucket.ts";
export { type LogNamespace, logIn } from "./live/log-in-object.ts";
export { logInSegments } from "./live/log-in-segments.ts";
export { passChanges } from "./pass-changes.ts";
export { manifestAt, type PublishedManifest } from "./publication/manifest-at.ts";
export type { Publication, PublishedCanary, Publisher } from "./publication/publication.ts";
export type { Assets, Bucket, Found, KeyValues, Store } from "./publication/store.ts";
export { inAssets, inBucket, inKeyValues } from "./publication/stores.ts";
export { inDurableObjects } from "./router/object-host.ts";
export {
  atOrigins,
  type HostsOf,
  type PartHost,
  type PartNamespace,
  type RoutedParts,
} from "./router/part-hosts.ts";
export type { RouterOptions } from "./router/router-settings.ts";
export { type RouterSequences, sequencesBy } from "./router/sequences-by.ts";
export type { OpenSharedEncoder } from "./router/shared-encoder.ts";

/** Options of {@link createRouter}. */
export interface RouterHandlerOptions<Env> extends ServiceOptions, RouterOptions {
  /** Returns the hosts of parts. No manifest names a host. */
  readonly hosts: HostsOf<Env>;
  /** Returns the rate limiter and the event sink among the Worker's bindings. Default: neither. */
  readonly bindings?: (env: Env) => ServiceBindings;
  /** `sequencesBy(openSharedEncoder)`: every call takes sequences, too. Default: the router takes none. */
  readonly sequences?: RouterSequences;
  /**
   * `changesBy({ log })`: the router takes changes, and its parts have them. `passChanges()`: it is a part of a larger router, and
   * passes on the changes of that. Default: neither.
   */
  readonly changes?: RouterChanges<Env>;
}

interface Call<Env> {
  readonly env: Env;
  readonly context: HandlerContext;
}

/**
 * Creates the HTTP application of a router. It answers `/v1/…`, Vectorize's routes, `/metrics`, `/healthz` and `/readyz`, and
 * routers above it.
 *
 * @param manifestOf returns the publisher of the manifest, which is polled every `refreshSeconds`
 * @param options the hosts of parts, limits, tokens and origins of the service, and a function that returns its bindings
 * @returns the handler, to export as the Worker
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * export default createRouter((env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json"), {
 *   hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
 * });
 */
export function createRouter<Env>(
  manifestOf: (env: Env) => Publisher<PublishedManifest>,
  {
    hosts,
    bindings = () => ({}),
    fanOut,
    deadlineMs,
    hedgeMs,
    prepareMs,
    groups,
    sequences,
    changes,
    ...options
  }: RouterHandlerOptions<Env>,
): Handler<Env> {
  requireFunctions({ manifestOf, hosts, bindings });
  const given = { fanOut, deadlineMs, hedgeMs, prepareMs, groups };
  const checked = settingsOf(options, {}, Object.keys({ hosts, bindings, sequences, changes, ...given }));
  if (sequences !== undefined && !("addRoute" in Object(sequences))) {
    throw new TypeError(`"sequences" expected sequencesBy(openSharedEncoder), got ${shown(sequences)}`);
  }
  const changing = changes as ChangeRoutes<Env> | undefined;
  if (changing !== undefined && !("createService" in Object(changing))) {
    throw new TypeError(`"changes" expected changesBy({ log }) or passChanges(), got ${shown(changes)}`);
  }
  const router = routerSettingsOf(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  const settings = memoized((env: Env) => ({ ...checked, ...bindings(env) }));
  const callOf = (c: Context): Call<Env> => c.env;
  const metrics = new MetricsByPart();
  // An isolate has one environment, which every request brings along.
  let environment: Env;
  const shared: RouterEnvironment = {
    publisher: (c) => manifestOf(callOf(c).env),
    settings: (c) => settings(callOf(c).env),
    keepAlive: (c, work) => callOf(c).context.waitUntil(work),
    sourcesOf: remoteSources((parts) => hosts(environment, parts), metrics),
    router,
    metrics,
    ...(sequences && { sequences }),
  };
  const app = changing ? changing.createService(shared, () => environment) : createRouterService(shared);
  return {
    fetch: async (request, env, context = noContext) => {
      environment = env;
      return app.fetch(request, { env, context } satisfies Call<Env>);
    },
  };
}
