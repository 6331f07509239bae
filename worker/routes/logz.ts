import type { Hono } from "hono";
import { answerJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import type { Host } from "../host.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { logzSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { requireWork, workOf } from "../work.ts";

/** POST /v1/logz: the estimated log-partition with its standard error. */
export function logzRoute(app: Hono, host: Host): void {
  app.post("/v1/logz", jsonBody(MAX_BATCH_BYTES), validBody(logzSchema), async (c) => {
    const { vector, vectors, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    requireWork(workOf(index.info, count, options), host.maxWork(c));
    const answers = index.logPartition(values, { ...options, batch: count }).map((answer) => ({
      logPartition: answer.logPartition,
      standardError: answer.standardError,
      effectiveSampleSize: answer.effectiveSampleSize,
      lowEss: answer.lowEss,
      scored: answer.scored,
      seed: String(answer.seed),
    }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
