/**
 * The HTTP service over an index whose classes change, as a Cloudflare Worker: it takes upserts and removals, keeps them in a log in
 * a Durable Object ({@link IndexLog}), and every isolate follows the log. It answers the routes of midx/worker, `/v1/upsert` and
 * `/v1/delete`, and Vectorize's insert, upsert and delete_by_ids. docs/live.md shows the whole.
 *
 * @module
 */
import { load } from "../src/workerd.ts";
import { memoized } from "./environment/memoized.ts";
import type { Handler } from "./handler-types.ts";
import { type LiveEnv, liveSettingsOfEnv, logOfEnv } from "./live/live-env.ts";
import type { LiveSequences } from "./live/sequences-of.ts";
import { createLiveService } from "./live-service.ts";
import { createWorker } from "./worker.ts";

export type {
  Appended,
  AppendOptions,
  ChangeLog,
  LogPage,
  NumberedSet,
  SeenSets,
} from "../src/publication/change-log.ts";
export type { PutCondition, SegmentStore, StoredSegment } from "../src/publication/segments/segment-store.ts";
export type { ServiceEnv } from "./environment/env.ts";
export type { Handler, HandlerContext } from "./handler-types.ts";
export { IndexLog, type LogState } from "./live/index-log.ts";
export type { LiveEnv } from "./live/live-env.ts";
export type { LogNamespace } from "./live/log-in-object.ts";
export { logInSegments } from "./live/log-in-segments.ts";
export { type LiveSequences, sequencesOf } from "./live/sequences-of.ts";
export { createLiveHandler, type LiveHandlerOptions } from "./live-handler.ts";

/**
 * Creates the Worker that wrangler.toml configures as it does the default export, with sequences. `midx/live-sequences` is one.
 *
 * @param sequences `sequencesOf(…)`: every call takes sequences, too. Default: the Worker takes none.
 * @returns the handler, to export as the Worker beside {@link IndexLog}
 * @throws TypeError if `sequences` is another object
 *
 * @example
 * export default createLiveWorker(sequencesOf({ hasEncoder, openEncoder }));
 */
export function createLiveWorker(sequences?: LiveSequences): Handler<LiveEnv> {
  const live = memoized(liveSettingsOfEnv);
  return createWorker<LiveEnv>(
    (environment, current) =>
      createLiveService(load, {
        ...environment,
        log: () => logOfEnv(current()),
        live: () => live(current()),
        sequences,
      }),
    sequences ? "live-sequences-openapi.json" : "live-openapi.json",
  );
}

/**
 * The Worker, configured by the variables and bindings of wrangler.toml, which docs/live.md lists.
 *
 * @example
 * export { IndexLog, default } from "midx/live";
 */
const worker: Handler<LiveEnv> = /* @__PURE__ */ createLiveWorker();
export default worker;
