import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { createCompactor } from "../../../worker/compactor.ts";
import { type SegmentBucket, valuesInBucket } from "../../../worker/publication/values-in-bucket.ts";

interface Env {
  readonly INDEX: SegmentBucket;
}

/** A compactor that runs for each request, with the options of its query. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const options = Object.fromEntries(new URL(request.url).searchParams);
    const compactor = createCompactor<Env>(
      {
        bucket: ({ INDEX }) => INDEX,
        log: ({ INDEX }) => new SegmentLog(valuesInBucket(INDEX, "the bucket bound as INDEX"), "words/log/"),
      },
      () => ({
        ...{ key: "words/current.json", maxDelta: Number(options.maxDelta) },
        ...(options.maxBytes && { maxBytes: Number(options.maxBytes) }),
        ...(options.calibrate && { calibrate: options.calibrate as "quick" }),
      }),
    );
    try {
      return Response.json(await compactor.run(env));
    } catch (error) {
      return Response.json({ error: (error as Error).message });
    }
  },
};
