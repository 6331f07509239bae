import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { IndexSlot } from "./index-slot.ts";
import { loadIndex } from "./index-source.ts";
import { Problem } from "./problem.ts";
import { DEFAULT_MAX_WORK } from "./work.ts";

/** The application with an index of its own, taken from where the variables in wrangler.toml say. */
export function createWorker(): Hono {
  const slot = new IndexSlot();
  return createApp(
    (c) =>
      slot.get(
        () => loadIndex(c.env),
        (loading) => c.executionCtx.waitUntil(loading),
      ),
    { maxWork: (c) => maxWorkOf(c.env) },
  );
}

function maxWorkOf(env: WorkerEnv): number {
  const maxWork = Number(env.MAX_WORK ?? DEFAULT_MAX_WORK);
  if (maxWork > 0) return maxWork;
  throw new Problem("misconfigured", `"MAX_WORK" expected a positive number, got "${env.MAX_WORK}"`);
}
