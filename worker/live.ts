/**
 * The HTTP service over an index whose classes change, as a Cloudflare Worker: it takes upserts and removals, keeps them in a log in
 * a Durable Object ({@link IndexLog}), and every isolate follows the log. It answers the routes of midx/worker, `/v1/upsert` and
 * `/v1/delete`, and Vectorize's insert, upsert and delete_by_ids. docs/live.md shows the whole.
 *
 * @module
 */
import { load } from "../src/workerd.ts";
import { addPages } from "./endpoints/pages.ts";
import { memoized } from "./environment/memoized.ts";
import { isOn, settingsOfEnv } from "./environment/vars.ts";
import type { Handler } from "./handler-types.ts";
import { type LiveEnv, liveSettingsOfEnv, logOfEnv } from "./live/live-env.ts";
import { createLiveService } from "./live-service.ts";
import { publisherOf } from "./worker.ts";

export type { ServiceEnv } from "./environment/env.ts";
export type { Handler, HandlerContext } from "./handler-types.ts";
export { IndexLog, type LogState } from "./live/index-log.ts";
export type { LiveEnv } from "./live/live-env.ts";
export type { LogNamespace } from "./live/log-in-object.ts";

function createLiveWorker(): Handler<LiveEnv> {
  const settings = memoized(settingsOfEnv);
  const live = memoized(liveSettingsOfEnv);
  // An isolate has one environment, which every request brings along.
  let environment: LiveEnv;
  const app = createLiveService(load, {
    publisher: (c) => publisherOf(c.env),
    settings: (c) => settings(c.env),
    keepAlive: (c, work) => c.executionCtx.waitUntil(work),
    log: () => logOfEnv(environment),
    live: () => live(environment),
  });
  addPages(app, {
    publisher: (c) => publisherOf(c.env),
    assets: (c) => c.env.ASSETS,
    hasDemo: (c) => isOn(c.env, "DEMO"),
  });
  return {
    fetch: async (request, env, context) => {
      environment = env;
      return app.fetch(request, env, context as Parameters<typeof app.fetch>[2]);
    },
  };
}

/**
 * The Worker, configured by the variables and bindings of wrangler.toml, which docs/live.md lists.
 *
 * @example
 * export { IndexLog, default } from "midx/live";
 */
const worker: Handler<LiveEnv> = /* @__PURE__ */ createLiveWorker();
export default worker;
