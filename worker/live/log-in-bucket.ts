import type { ChangeLog } from "../../src/publication/change-log.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { logPrefix } from "../../src/publication/segments/segment-names.ts";
import { Problem } from "../contract/problem.ts";
import type { ServiceEnv } from "../environment/env.ts";
import { memoized } from "../environment/memoized.ts";
import { textOf } from "../environment/vars.ts";
import { type SegmentBucket, valuesInBucket } from "../publication/values-in-bucket.ts";

/** The log of a bucket. An isolate has one, which remembers the last number that it has seen, and nothing about a request. */
const logOfBucket = memoized((bucket: SegmentBucket) => {
  const logs = new Map<string, ChangeLog>();
  return (prefix: string): ChangeLog => {
    const log = logs.get(prefix) ?? new SegmentLog(valuesInBucket(bucket, "the bucket bound as INDEX"), prefix);
    logs.set(prefix, log);
    return log;
  };
});

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
  const key = textOf(env, "INDEX_KEY") ?? "";
  return logOfBucket(INDEX as unknown as SegmentBucket)(logPrefix(key));
}
