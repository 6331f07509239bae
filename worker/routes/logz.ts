import type { Hono } from "hono";
import { answerJson, estimatedJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import { readConditions } from "../conditions.ts";
import type { Host } from "../host.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { logzSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { conditionsWork, logPartitionWork, requireWork } from "../work.ts";

/** POST /v1/logz: the estimated log-partition with its standard error, and what it certainly lies between. */
export function logzRoute(app: Hono, host: Host): void {
  app.post("/v1/logz", jsonBody(MAX_BATCH_BYTES), validBody(logzSchema), async (c) => {
    const { vector, vectors, temperature, exclude, allow, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    const conditions = readConditions({ temperature, exclude, allow }, index);
    const work = logPartitionWork(index.info, options, options.tolerance);
    requireWork(conditionsWork(index.info, conditions) + count * work, host.maxWork(c));
    const answers = index.logPartition(values, { ...options, ...conditions, batch: count }).map((answer) => ({
      lower: answer.lower,
      upper: answer.upper,
      ...estimatedJson(answer),
    }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
