import type { Context } from "hono";
import type { IndexSource } from "../src/public.ts";
import { load } from "../src/workerd.ts";
import { memoized } from "./environment/memoized.ts";
import { type ServiceBindings, type ServiceOptions, settingsOf } from "./host/settings.ts";
import type { Publisher } from "./publication/publication.ts";
import { createService } from "./service.ts";

export interface HandlerOptions<Env> extends ServiceOptions {
  /** The rate limit and the events of what the Worker is bound to. */
  readonly bindings?: (env: Env) => ServiceBindings;
}

/** Keeps work alive beyond its answer, as a Worker's ExecutionContext does. */
export interface HandlerContext {
  waitUntil(work: Promise<unknown>): void;
}

/** A Worker, or a part of one. */
export interface Handler<Env> {
  readonly fetch: (request: Request, env: Env, context?: HandlerContext) => Promise<Response>;
}

interface Call<Env> {
  readonly env: Env;
  readonly context: HandlerContext | undefined;
}

/**
 * The HTTP application, for a Worker of your own: it answers `/v1/…`, `/client/v4/…` (Vectorize's paths),
 * `/metrics`, `/healthz` and `/readyz`, and everything else with 404.
 *
 * `indexOf` says where the index is, by what the Worker is bound to: its file, which is opened once an isolate, or where
 * indexes are published, which is looked at every `refreshSeconds`. The first request that needs the index loads it; where
 * that fails, requests get a 503 that says why, and after a moment it is tried again.
 *
 * @example
 * export default createHandler((env: Env) => env.ASSETS.fetch("https://assets/words.midx"));
 * @example
 * export default createHandler((env: Env) => publishedAt(inBucket(env.INDEX), "words/current.json"));
 */
export function createHandler<Env>(
  indexOf: (env: Env) => Publisher | IndexSource | Promise<IndexSource>,
  { bindings = () => ({}), ...options }: HandlerOptions<Env> = {},
): Handler<Env> {
  const checked = settingsOf(options);
  const settings = memoized((env: Env) => ({ ...checked, ...bindings(env) }));
  const callOf = (c: Context): Call<Env> => c.env;
  const app = createService(load, {
    publisher: (c) => publisherOf(() => indexOf(callOf(c).env)),
    settings: (c) => settings(callOf(c).env),
    keepAlive: (c, work) => callOf(c).context?.waitUntil(work),
  });
  return { fetch: async (request, env, context) => app.fetch(request, { env, context } satisfies Call<Env>) };
}

/** A file is published once and for all. */
function publisherOf(indexOf: () => Publisher | IndexSource | Promise<IndexSource>): Publisher {
  return {
    async look(known) {
      if (known === FILE) return undefined;
      const found = await indexOf();
      if ("look" in found) return found.look(known);
      return { tag: FILE, version: undefined, open: () => found };
    },
  };
}

const FILE = "file";
