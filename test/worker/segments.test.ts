import { env } from "cloudflare:test";
import { describe } from "vitest";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { type SegmentBucket, valuesInBucket } from "../../worker/publication/values-in-bucket.ts";
import { describeLogPromises } from "../live/log-promises.ts";

describe("a log in the bucket of a Worker", () => {
  const { INDEX } = env as unknown as { readonly INDEX: SegmentBucket };
  describeLogPromises(
    async (name) => new SegmentLog(valuesInBucket(INDEX, "the bucket bound as INDEX"), `${name}/log/`),
  );
});
