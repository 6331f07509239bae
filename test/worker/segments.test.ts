import { env } from "cloudflare:test";
import { describe } from "vitest";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { type SegmentBucket, valuesInBucket } from "../../worker/publication/values-in-bucket.ts";
import { describeLosses } from "../live/log/log-losses.ts";
import { describeLogPromises } from "../live/log/log-promises.ts";

describe("a log in the bucket of a Worker", () => {
  const { INDEX } = env as unknown as { readonly INDEX: SegmentBucket };
  const store = valuesInBucket(INDEX, "the bucket bound as INDEX");
  describeLogPromises(async (name) => new SegmentLog(store, `${name}/log/`));
  describe("whose oldest sets were deleted", () => describeLosses(() => store));
});
