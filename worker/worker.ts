import type { Context, Hono } from "hono";
import type { IndexSource } from "../src/public.ts";
import { load } from "../src/workerd.ts";
import { Problem } from "./contract/problem.ts";
import { addPages, type Description } from "./endpoints/pages.ts";
import { neededBinding } from "./environment/bindings.ts";
import type { ServiceEnv } from "./environment/env.ts";
import { memoized } from "./environment/memoized.ts";
import { isOn, settingsOfEnv, textOf } from "./environment/vars.ts";
import type { Handler } from "./handler-types.ts";
import { noContext } from "./no-context.ts";
import type { Publisher } from "./publication/publication.ts";
import { publishedAt } from "./publication/published-at.ts";
import type { Store } from "./publication/store.ts";
import { inAssets, inBucket, inKeyValues } from "./publication/stores.ts";
import { createService, type ServiceEnvironment } from "./service.ts";

const DEFAULT_KEY = "index.midx";

/**
 * The Worker that is configured by the bindings and variables of wrangler.toml, of the application that `create` makes. An isolate
 * has one environment, which every request brings along; `current` returns it to work that has no request. The asset
 * `description` describes the service at /openapi.json.
 */
export function createWorker<Env extends ServiceEnv = ServiceEnv>(
  create: (environment: ServiceEnvironment<IndexSource>, current: () => Env) => Hono = (environment) =>
    createService(load, environment),
  description: Description = "openapi.json",
): Handler<Env> {
  let current: Env;
  const settings = memoized(settingsOfEnv);
  const publisher = (c: Context): Publisher => publisherOf(c.env);
  const app = create(
    {
      publisher,
      settings: (c) => settings(c.env),
      keepAlive: (c, work) => c.executionCtx.waitUntil(work),
    },
    () => current,
  );
  addPages(app, { description, publisher, assets: (c) => c.env.ASSETS, hasDemo: (c) => isOn(c.env, "DEMO") });
  return {
    fetch: async (request, env, context = noContext) => {
      current = env;
      return app.fetch(request, env, context as Parameters<typeof app.fetch>[2]);
    },
  };
}

/** The publisher that the variables name. */
const publisherOf = (env: ServiceEnv): Publisher => publishedAt(storeOf(env), textOf(env, "INDEX_KEY") ?? DEFAULT_KEY);

function storeOf(env: ServiceEnv): Store {
  const { INDEX_SOURCE: source = "assets" } = env;
  const why = ` for "INDEX_SOURCE" ${source}`;
  if (source === "assets") return inAssets(neededBinding(env, "ASSETS", why));
  if (source === "r2") return inBucket(neededBinding(env, "INDEX", why));
  if (source === "kv") return inKeyValues(neededBinding(env, "INDEX_KV", why));
  throw new Problem("misconfigured", `"INDEX_SOURCE" expected "assets", "r2" or "kv", got "${source}"`);
}
