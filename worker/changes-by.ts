import type { Hono } from "hono";
import { knownOptions, shown } from "../src/internal.ts";
import type { ChangeLog } from "../src/publication/change-log.ts";
import { type LiveOptions, liveSettingsOf } from "./live/live-settings.ts";
import { createLiveRouterService } from "./live-router-service.ts";
import type { RouterEnvironment } from "./router-service.ts";

/** Options of {@link changesBy}. */
export interface RouterChangesOptions<Env> extends LiveOptions {
  /** Returns the log of changes: `logIn`, `logInBucket` or `logInSegments`. */
  readonly log: (env: Env) => ChangeLog;
}

/** The option that lets a router take changes, or pass them on. `changesBy` and `passChanges` make it. */
export interface RouterChanges<Env> {
  /** Returns the log of changes. A router that passes changes on has none. */
  readonly log?: (env: Env) => ChangeLog;
}

/** The functions that only a router has that takes changes or passes them on. */
export interface ChangeRoutes<Env> extends RouterChanges<Env> {
  readonly createService: (environment: RouterEnvironment, env: () => Env) => Hono;
}

/**
 * Lets a router take changes: it keeps them in a log, and brings each part those of its classes. Its parts take them by
 * `takeChanges` of midx/part. Routers without it carry none of its code.
 *
 * @param options the log, who may write, and limits
 * @returns the option `changes` of `createRouter`
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * export default createRouter((env: Env) => manifestAt(inBucket(env.INDEX), "items/current.json"), {
 *   hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
 *   changes: changesBy({
 *     log: (env: Env) => logIn(env.LOG, "index"),
 *     writeTokens: ["0000000000000000000000000000000000000000000000000000000000000000"],
 *   }),
 * });
 */
export function changesBy<Env>(options: RouterChangesOptions<Env>): RouterChanges<Env> {
  const { log, ...live } = knownOptions("changesBy", options, ["log", "writeTokens", "deltaSeconds", "maxDelta"]);
  if (typeof log !== "function") {
    throw new TypeError(`"log" expected a function that returns a log of changes, got ${shown(log)}`);
  }
  const settings = liveSettingsOf(live);
  const routes: ChangeRoutes<Env> = {
    log,
    createService: (environment, env) =>
      createLiveRouterService({ ...environment, log: () => log(env()), live: () => settings }),
  };
  return routes;
}
