import type { Context, Hono } from "hono";
import type { IndexSource } from "../src/public.ts";
import { load } from "../src/workerd.ts";
import { memoized } from "./environment/memoized.ts";
import type { Handler, HandlerContext } from "./handler-types.ts";
import { requireFunctions } from "./host/require-functions.ts";
import { type ServiceBindings, type ServiceOptions, settingsOf } from "./host/settings.ts";
import { noContext } from "./no-context.ts";
import type { Publisher } from "./publication/publication.ts";
import { createService, type ServiceEnvironment } from "./service.ts";

/** Options of `createHandler`. */
export interface HandlerOptions<Env> extends ServiceOptions {
  /** Returns the rate limiter and the event sink among the Worker's bindings. Default: neither. */
  readonly bindings?: (env: Env) => ServiceBindings;
}

/** Returns the file of an index, or a publisher. */
export type IndexOf<Env> = (env: Env) => Publisher | IndexSource | Promise<IndexSource>;

interface Call<Env> {
  readonly env: Env;
  readonly context: HandlerContext;
}

/**
 * Creates the HTTP application for your own Worker. It answers `/v1/…`, `/client/v4/…` (Vectorize's paths), `/metrics`,
 * `/healthz` and `/readyz`. Every other path gets 404.
 *
 * The first request that needs the index loads it. If loading fails, requests get a 503 with the reason, and after a delay
 * of 0.25 to 8 s the next request tries again.
 *
 * @param indexOf returns the file of the index, which each isolate opens once, or a publisher, which is polled every
 *   `refreshSeconds` for a newer version
 * @param options limits, tokens and origins of the service, and a function that returns its bindings
 * @returns the handler, to export as the Worker or to call for some of its paths
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * export default createHandler((env: Env) => env.ASSETS.fetch("https://assets.localhost/words.midx"));
 * @example
 * export default createHandler((env: Env) => publishedAt(inBucket(env.INDEX), "words/current.json"));
 */
export const createHandler = <Env>(indexOf: IndexOf<Env>, options: HandlerOptions<Env> = {}): Handler<Env> =>
  handlerOf((environment) => createService(load, environment), indexOf, options);

/**
 * Makes a handler of the application that `create` makes. A process or an isolate has one environment, which every request brings
 * along; `current` returns it to work that has no request.
 */
export function handlerOf<Env>(
  create: (environment: ServiceEnvironment<IndexSource>, current: () => Env) => Hono,
  indexOf: IndexOf<Env>,
  { bindings = () => ({}), ...options }: HandlerOptions<Env>,
): Handler<Env> {
  requireFunctions({ indexOf, bindings });
  const checked = settingsOf(options);
  const settings = memoized((env: Env) => ({ ...checked, ...bindings(env) }));
  const callOf = (c: Context): Call<Env> => c.env;
  let current: Env;
  const app = create(
    {
      publisher: (c) => publisherOf(() => indexOf(callOf(c).env)),
      settings: (c) => settings(callOf(c).env),
      keepAlive: (c, work) => callOf(c).context.waitUntil(work),
    },
    () => current,
  );
  return {
    fetch: async (request, env, context = noContext) => {
      current = env;
      return app.fetch(request, { env, context } satisfies Call<Env>);
    },
  };
}

/** A publisher of a file, which never changes. */
function publisherOf(indexOf: () => Publisher | IndexSource | Promise<IndexSource>): Publisher {
  return {
    async look(known) {
      if (known === FILE) return undefined;
      const found = await indexOf();
      if (typeof found === "object" && found && "look" in found) return found.look(known);
      let unread: IndexSource | undefined = found;
      // A response or a stream can be read only once.
      const open = async (): Promise<IndexSource> => {
        const source = unread ?? ((await indexOf()) as IndexSource);
        unread = undefined;
        return source;
      };
      return { tag: FILE, version: undefined, open };
    },
  };
}

const FILE = "file";
