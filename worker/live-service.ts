import type { Hono } from "hono";
import type { IndexSource } from "../src/public.ts";
import type { ChangeLog } from "../src/publication/change-log.ts";
import { createBaseApp } from "./base-app.ts";
import { live as liveFields } from "./contract/live-requests.ts";
import { vectorizeSchema } from "./contract/requests.ts";
import { addEndpoint } from "./endpoints/endpoint.ts";
import { logPartition, predict } from "./endpoints/index.ts";
import { schemaWithFields } from "./endpoints/with-fields.ts";
import type { Served } from "./host/host.ts";
import { type Adapt, addIndexRoutes } from "./index-routes.ts";
import type { OpenChanging } from "./live/changing.ts";
import { Followers } from "./live/followers.ts";
import { liveHost } from "./live/live-host.ts";
import type { LiveSettings } from "./live/live-settings.ts";
import { adaptLive } from "./live/min-mutation.ts";
import { openIndex } from "./live/open-index.ts";
import type { LiveSequenceRoutes, LiveSequences } from "./live/sequences-of.ts";
import { vectorizeWrites } from "./live/vectorize-writes.ts";
import { writeRoutes } from "./live/write-routes.ts";
import type { Watch } from "./middleware/watch.ts";
import type { Load } from "./publication/open-publication.ts";
import { publishedHost, type ServiceEnvironment } from "./service.ts";
import { BandedDrift } from "./telemetry/banded-drift.ts";
import { vectorizeRoutes } from "./vectorize/routes.ts";

/** The environment of a service that follows a log of changes. */
export interface LiveEnvironment<Source = IndexSource> extends ServiceEnvironment<Source> {
  /** The log. It is asked for again for each use, because a request may not use a connection that another one has opened. */
  readonly log: () => ChangeLog;
  readonly live: () => LiveSettings;
  readonly watch?: Watch;
  /** Default: the service takes no sequences. */
  readonly sequences?: LiveSequences | undefined;
}

function routesOf({ sequences }: Pick<LiveEnvironment, "sequences">): LiveSequenceRoutes | undefined {
  if (sequences && !("loadWith" in sequences)) {
    throw new TypeError('"sequences" expected sequencesOf({ hasEncoder, openEncoder }), got another object');
  }
  return sequences as LiveSequenceRoutes | undefined;
}

/** The application of an index with the changes of a log, which it takes and follows. */
export function createLiveService(load: Load, environment: LiveEnvironment): Hono {
  const sequences = routesOf(environment);
  return liveServiceOf(openIndex(sequences?.loadWith(load) ?? load), environment);
}

/** The same application for any source that `open` makes an index of, with its encoder where the service takes sequences. */
export function liveServiceOf<Source>(open: OpenChanging<Source>, environment: LiveEnvironment<Source>): Hono {
  const { log, live, watch } = environment;
  const followers = new Followers(open, log, () => live().maxDelta);
  const watchDrift = (served: Served): BandedDrift => new BandedDrift(served, followers.fullestOf);
  const published = publishedHost(followers.load, { ...environment, watchDrift });
  const base = createBaseApp(liveHost(published, { followers, live, log }), watch);
  const { app, host, telemetry } = base;
  const sequences = routesOf(environment);
  const adapt: Adapt = (endpoint) => adaptLive(sequences ? sequences.adapt(endpoint) : endpoint);
  addIndexRoutes(base, adapt);
  addEndpoint(app, host, telemetry, adapt(predict));
  addEndpoint(app, host, telemetry, adapt(logPartition));
  sequences?.addRoute(app, host, liveFields);
  vectorizeRoutes(app, host, telemetry, schemaWithFields(vectorizeSchema, liveFields));
  const writing = { ...published, host, followers, log, live };
  writeRoutes(app, writing);
  vectorizeWrites(app, writing);
  return app;
}
