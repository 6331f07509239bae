/**
 * The HTTP service of midx/live over an index that carries an encoder: beside upserts and removals, every call takes `sequence` and
 * `sequences` as queries, and it answers `/v1/encode`. It is an entry of its own, so that midx/live carries no encoder. The default
 * export is a complete Worker that wrangler.toml configures ({@link LiveEnv}). docs/live.md shows it.
 *
 * @module
 */
import { hasEncoder, openEncoder } from "../src/encoder/workerd.ts";
import type { Handler } from "./handler-types.ts";
import type { LiveEnv } from "./live/live-env.ts";
import { createLiveWorker, sequencesOf } from "./live.ts";

export type { ServiceEnv } from "./environment/env.ts";
export type { Handler, HandlerContext } from "./handler-types.ts";
export type { LiveEnv } from "./live/live-env.ts";
export type { LogNamespace } from "./live/log-in-object.ts";
export { IndexLog, type LogState } from "./live.ts";

/**
 * The Worker, configured by the variables and bindings of wrangler.toml, which docs/live.md lists.
 *
 * @example
 * export { IndexLog, default } from "midx/live-sequences";
 */
const worker: Handler<LiveEnv> = /* @__PURE__ */ createLiveWorker(
  /* @__PURE__ */ sequencesOf({ hasEncoder, openEncoder }),
);
export default worker;
