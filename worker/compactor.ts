/**
 * A Worker that compacts the published version of an index and its log of changes, by a cron trigger: {@link createCompactor}. It
 * is a Worker of its own, because a compaction needs the memory of an isolate that serves nothing. docs/changes.md shows it.
 *
 * @module
 */
import type { ChangeLog } from "../src/publication/change-log.ts";
import { SegmentLog } from "../src/publication/segments/segment-log.ts";
import { logPrefix } from "../src/publication/segments/segment-names.ts";
import { type CompactorRun, compactPublished } from "./compactor/compact-published.ts";
import { type CompactorOptions, compactorSettings } from "./compactor/settings.ts";
import { type LogNamespace, logIn } from "./live/log-in-object.ts";
import { type SegmentBucket, valuesInBucket } from "./publication/values-in-bucket.ts";

export type { ChangeLog } from "../src/publication/change-log.ts";
export type { CompactorRun } from "./compactor/compact-published.ts";
export type { CompactorOptions } from "./compactor/settings.ts";
export { type LogNamespace, logIn } from "./live/log-in-object.ts";
export type { SegmentBucket } from "./publication/values-in-bucket.ts";

/** A Worker with a cron trigger. */
export interface Compactor<Env> {
  /**
   * Compacts the published version if that is due, and prints its report as a line of JSON.
   *
   * @param controller the runtime's description of the trigger
   * @param env the bindings and variables of the Worker
   * @returns a promise that resolves once it has ended
   * @throws Error if the version cannot be compacted, or if another publication came first: then the next run goes on
   *
   * @example
   * await compactor.scheduled({}, env);
   */
  scheduled(controller: unknown, env: Env): Promise<void>;
  /**
   * Compacts the published version if that is due.
   *
   * @param env the bindings and variables of the Worker
   * @returns the report of the run
   * @throws Error as `scheduled` does
   *
   * @example
   * const { outcome, version } = await compactor.run(env);
   */
  run(env: Env): Promise<CompactorRun>;
}

/** The sources of a compactor: the bucket of the published versions and the log. */
export interface CompactorSources<Env> {
  /** Returns the bucket of the published versions. */
  readonly bucket: (env: Env) => SegmentBucket;
  /** Returns the log. */
  readonly log: (env: Env) => ChangeLog;
}

/**
 * Creates a compactor. Two that run at once harm nothing: the conditional write of the first one counts, and the other gives up.
 *
 * @param sources the bucket and the log
 * @param optionsOf returns the options, from the variables of the Worker if need be
 * @returns the compactor, to export as the Worker
 *
 * @example
 * const sources = { bucket: (env: Env) => env.INDEX, log: (env: Env) => logIn(env.LOG, "words") };
 * export default createCompactor(sources, () => ({ key: "words/current.json", maxDelta: 10_000 }));
 */
export function createCompactor<Env>(
  { bucket, log }: CompactorSources<Env>,
  optionsOf: (env: Env) => CompactorOptions,
): Compactor<Env> {
  const run = async (env: Env): Promise<CompactorRun> =>
    compactPublished({ ...compactorSettings(optionsOf(env)), bucket: checkBucket(bucket(env)), log: log(env) });
  return {
    run,
    async scheduled(_, env) {
      console.log(JSON.stringify({ event: "compaction", ...(await run(env)) }));
    },
  };
}

/** Returns a bucket, which wrangler.toml may lack. */
function checkBucket(bucket: SegmentBucket | undefined): SegmentBucket {
  if (typeof bucket?.get === "function") return bucket;
  throw new TypeError(`"bucket" (INDEX) expected a binding of [[r2_buckets]] in wrangler.toml, got ${typeof bucket}`);
}

/** The bindings and variables of the default compactor, the same as those of the Worker that serves the index. */
export interface CompactorEnv {
  /** The R2 bucket of the published versions. */
  readonly INDEX: SegmentBucket;
  /** The key of the pointer, ending in .json. */
  readonly INDEX_KEY: string;
  /** The Durable Objects of the class `IndexLog`, or "segments" for a log in the bucket, beside the pointer. Default "segments". */
  readonly LOG?: LogNamespace | string;
  /** The name of the log among the objects. Default "index". */
  readonly LOG_NAME?: string;
  /**
   * The most rows that changes may hold, as in the serving Worker. A compaction is due at half of it. Default: the same as
   * there.
   */
  readonly MAX_DELTA?: string | number;
}

function logOf({ LOG = "segments", LOG_NAME = "index", INDEX, INDEX_KEY }: CompactorEnv): ChangeLog {
  if (typeof LOG !== "string") return logIn(LOG, LOG_NAME);
  if (LOG !== "segments") throw new RangeError(`"LOG" expected "segments" or a binding of IndexLog, got "${LOG}"`);
  return new SegmentLog(valuesInBucket(INDEX, "the bucket bound as INDEX"), logPrefix(INDEX_KEY));
}

/**
 * The Worker, configured by the variables and bindings of wrangler.toml. Its cron trigger says how often it looks.
 *
 * @example
 * export { default } from "midx/compactor";
 */
const compactor: Compactor<CompactorEnv> = /* @__PURE__ */ createCompactor(
  { bucket: ({ INDEX }: CompactorEnv) => INDEX, log: logOf },
  ({ INDEX_KEY, MAX_DELTA }: CompactorEnv) => ({
    key: INDEX_KEY,
    ...(MAX_DELTA !== undefined && { maxDelta: Number(MAX_DELTA) }),
  }),
);
export default compactor;
