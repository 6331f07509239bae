import type { Context, Hono } from "hono";
import type { ChangeLog } from "../src/publication/change-log.ts";
import { createBaseApp } from "./base-app.ts";
import { live as liveFields } from "./contract/live-requests.ts";
import { vectorizeOfSomeSchema } from "./contract/router-requests.ts";
import { schemaWithFields } from "./endpoints/with-fields.ts";
import type { Host, Served } from "./host/host.ts";
import type { Adapt } from "./index-routes.ts";
import type { AnswerAt, Changing } from "./live/changing.ts";
import { Followers } from "./live/followers.ts";
import { type LookingHost, liveHost } from "./live/live-host.ts";
import type { LiveSettings } from "./live/live-settings.ts";
import { adaptLive } from "./live/min-mutation.ts";
import { followLog } from "./live/parts/follow-log.ts";
import { vectorizeWrites } from "./live/vectorize-writes.ts";
import { writeRoutes } from "./live/write-routes.ts";
import { PartAhead, UnknownGeneration } from "./parts/part-failure.ts";
import { PartProblem } from "./parts/part-problem.ts";
import type { PublishedManifest } from "./publication/manifest-at.ts";
import type { Load } from "./publication/open-publication.ts";
import { Gate } from "./router/gate.ts";
import { openRouter } from "./router/open-router.ts";
import type { SequenceRoutes } from "./router/sequences-by.ts";
import { addRouterRoutes, type RouterEnvironment, watching } from "./router-service.ts";
import { type PublishedHost, publishedHost } from "./service.ts";
import { BandedDrift } from "./telemetry/banded-drift.ts";

/** The environment of a router that follows a log of changes. */
export interface LiveRouterEnvironment extends RouterEnvironment {
  /** The log. It is asked for again for each use, because a request may not use a connection that another one has opened. */
  readonly log: () => ChangeLog;
  readonly live: () => LiveSettings;
}

/**
 * The number of times an answer is begun: with the served generation, with a newer one, and once more for quick successions.
 */
const MOST_TRIES = 3;

/** The time in ms in which the current version answers the callers of a canary that its hosts have lost. Then it is tried again. */
const LOST_CANARY_MS = 1000;

/** The number of states that an answer is tried with, while other routers bring its parts one change after the other. */
const MOST_STATES = 8;

/** The application of a router that takes changes, and brings them to its parts. It is no part of another router. */
export function createLiveRouterService(environment: LiveRouterEnvironment): Hono {
  const { metrics, watch, log, live } = environment;
  const sequences = environment.sequences as SequenceRoutes | undefined;
  const { followers, published } = followingRouter(environment);
  const following = liveHost(published, { followers, live, log });
  const moreMetrics = (): string => `${following.moreMetrics?.() ?? ""}${metrics.text}`;
  const base = createBaseApp({ ...following, moreMetrics }, watch);
  const { app, host } = base;
  const adapt: Adapt = (endpoint) => adaptLive(sequences ? sequences.adapt(endpoint) : endpoint);
  addRouterRoutes(base, { adapt, querySchema: schemaWithFields(vectorizeOfSomeSchema, liveFields) });
  sequences?.addRoute(app, host, liveFields);
  const writing = { ...published, host, followers, log, live };
  writeRoutes(app, writing);
  vectorizeWrites(app, writing);
  return app;
}

/** Makes the host of a router that follows the log. */
function followingRouter(environment: LiveRouterEnvironment): {
  readonly followers: Followers<PublishedManifest>;
  readonly published: LookingHost;
} {
  const { sourcesOf, router, log, live } = environment;
  const sequences = environment.sequences as SequenceRoutes | undefined;
  const { deadlineMs, prepareMs, hedgeMs, fanOut } = router;
  /** The indexes that answer, or did, and those whose generation parts have lost, with the time when this was found. */
  const opened = new WeakSet<object>();
  const gone = new WeakMap<object, number>();
  /** The indexes instead of which requests have waited for another version. */
  const waited = new WeakSet<object>();
  let isFirst = true;
  const open = async (source: PublishedManifest): Promise<Changing> => {
    const index = await openRouter(source, sourcesOf, router, isFirst, { openEncoder: sequences?.openEncoder });
    const isOpening = (): boolean => !opened.has(index);
    const changing = await followLog(source, index, {
      log,
      asking: () => ({ deadlineMs: isOpening() ? prepareMs : deadlineMs, hedgeMs, gate: new Gate(fanOut) }),
      isStrict: () => !isFirst && isOpening(),
      onGone: () => gone.set(index, Date.now()),
      maxDelta: live().maxDelta,
    });
    const inSteps: Changing["inSteps"] = (at, answer) =>
      index
        .answerOnce((own) => {
          sequences?.encodeFor(own);
          return answer(own);
        }, environment.metrics)
        .catch((error: unknown) => {
          if (error instanceof UnknownGeneration) gone.set(index, Date.now());
          return anotherState(error, at, environment, host);
        });
    // Requests wait for another version once. Where there is none, a host has the wrong manifest.
    const isStranding = (): boolean => {
      if (!gone.has(index) || waited.has(index)) return false;
      waited.add(index);
      return true;
    };
    return { ...changing, isStranding, inSteps };
  };
  const followers = new Followers<PublishedManifest>(open, log, () => live().maxDelta);
  const watched = watching(environment);
  const watchDrift: Host["watchDrift"] = (served) => new BandedDrift(served, followers.fullestOf);
  const load: Load<PublishedManifest> = async (...given) => {
    const index = await followers.load(...given);
    opened.add(index);
    isFirst = false;
    return index;
  };
  const host = publishedHost(load, { ...watched, watchDrift });
  const served = async (c: Context): Promise<Served> => {
    const now = await host.host.served(c);
    const since = gone.get(now.index);
    if (since === undefined) return now;
    const current = host.host.health().served;
    if (current && current.index !== now.index && Date.now() < since + LOST_CANARY_MS) return current;
    gone.delete(now.index); // the next failure finds it out again
    await host.look(c);
    return host.host.served(c);
  };
  return { followers, published: { ...host, host: { ...host.host, served } } };
}

/**
 * Prepares for an answer to begin anew that failed because parts have later changes, or another generation: all parts of an
 * answer have the same. Rejects for other reasons, and after several times.
 */
async function anotherState(
  error: unknown,
  { c, tries, reach }: AnswerAt,
  { metrics }: Pick<LiveRouterEnvironment, "metrics">,
  { look }: PublishedHost,
): Promise<undefined> {
  if (error instanceof PartAhead) {
    if (tries < MOST_STATES && (await reach(error.sequence))) return;
    throw new PartProblem("part_missing", `${error.message}, and this router not yet: ask again`);
  }
  if (!(error instanceof UnknownGeneration)) throw error;
  metrics.renewals++;
  if (tries >= MOST_TRIES) throw new PartProblem("part_missing", `no generation has all its parts: ${error.message}`);
  await look(c);
}
