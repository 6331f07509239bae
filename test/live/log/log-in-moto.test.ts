import { afterAll, beforeAll, describe } from "vitest";
import { MOTO, startMoto } from "../../../scripts/engines/moto.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { inBucket } from "./log-in-bucket.ts";
import { describeLosses } from "./log-losses.ts";
import { describeLogPromises } from "./log-promises.ts";

describe.skipIf(MOTO === undefined)("a log in moto's bucket", () => {
  let server: Awaited<ReturnType<typeof startMoto>>;
  beforeAll(async () => {
    server = await startMoto("words");
  });
  afterAll(() => server.stop());
  // Its server has threads, and looks at If-None-Match before it writes.
  describeLogPromises(async (name: string) => new SegmentLog(inBucket(server.url), `${name}/log/`), false);
  describe("whose oldest sets were deleted", () => describeLosses(() => inBucket(server.url)));
});
