import type { IndexSource } from "../src/byte-source.ts";
import { checkNumber } from "../src/check.ts";
import { load } from "../src/workerd.ts";
import { createApp } from "./app.ts";
import { IndexSlot } from "./index-slot.ts";
import { INDEX_LIMITS } from "./limits.ts";
import { DEFAULT_MAX_WORK } from "./work.ts";

// What `midx/worker` exports. Its types name nothing but what every runtime has.

export interface HandlerOptions {
  /** Multiply-adds that one request may ask for, counted from above before it runs. Default 100 million. */
  readonly maxWork?: number;
}

/** What keeps work alive beyond its answer: a Worker's ExecutionContext. */
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
 * The HTTP application, for a Worker of your own: it answers `/v1/…`, `/healthz` and `/readyz`, everything else with 404.
 *
 * `openIndex` gives the index file from what the Worker is bound to. The first request that needs the index calls it, once
 * an isolate; where that fails, requests get a 503 that says why, and after a moment it is tried again.
 *
 * @example
 * export default createHandler((env: Env) => env.ASSETS.fetch("https://assets/words.midx"));
 */
export function createHandler<Env>(
  openIndex: (env: Env) => IndexSource | Promise<IndexSource>,
  { maxWork = DEFAULT_MAX_WORK }: HandlerOptions = {},
): Handler<Env> {
  checkNumber("maxWork", maxWork, 1, Number.POSITIVE_INFINITY);
  const slot = new IndexSlot();
  const app = createApp(
    (c) => {
      const { env, context }: Call<Env> = c.env;
      return slot.get(
        async () => load(await openIndex(env), INDEX_LIMITS),
        (loading) => context?.waitUntil(loading),
      );
    },
    { maxWork: () => maxWork },
  );
  return { fetch: async (request, env, context) => app.fetch(request, { env, context } satisfies Call<Env>) };
}
