import type { ChangeLog } from "../../src/publication/change-log.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { logPrefix } from "../../src/publication/segments/segment-names.ts";
import { Problem } from "../contract/problem.ts";
import type { ServiceEnv } from "../environment/env.ts";
import { memoized } from "../environment/memoized.ts";
import { textOf } from "../environment/vars.ts";
import { type SegmentBucket, valuesInBucket } from "../publication/values-in-bucket.ts";

/** The log of a bucket. An isolate has one, which remembers the last number that it has seen, and nothing about a request. */
const logOfBucket = /* @__PURE__ */ memoized((bucket: SegmentBucket) => {
  const logs = new Map<string, ChangeLog>();
  return (prefix: string): ChangeLog => {
    const log = logs.get(prefix) ?? new SegmentLog(valuesInBucket(bucket, "the bucket bound as INDEX"), prefix);
    logs.set(prefix, log);
    return log;
  };
});

/**
 * Returns the log in segments beside an index or a manifest, in its bucket.
 *
 * @param bucket the binding of the R2 bucket
 * @param key the key of the pointer or manifest, such as "items/current.json": the log lies below "items/log/"
 * @returns the log
 *
 * @example
 * const log = logInBucket(env.INDEX, "items/current.json");
 */
export const logInBucket = (bucket: SegmentBucket, key: string): ChangeLog => logOfBucket(bucket)(logPrefix(key));

/**
 * The log in segments beside the index, in the bucket that is bound as INDEX.
 *
 * @throws Problem if the index is not in a bucket
 */
export function segmentsOfEnv(env: ServiceEnv): ChangeLog {
  const { INDEX, INDEX_SOURCE: source = "assets" } = env;
  if (source !== "r2" || !INDEX) {
    throw new Problem(
      "misconfigured",
      `"LOG" is "segments", which needs "INDEX_SOURCE" "r2" and a binding INDEX, got "${source}": KV and assets have no conditional writes`,
    );
  }
  return logInBucket(INDEX as unknown as SegmentBucket, textOf(env, "INDEX_KEY") ?? "");
}
