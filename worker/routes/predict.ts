import type { Hono } from "hono";
import { answerJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import type { Host } from "../host.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { predictSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { requireWork, workOf } from "../work.ts";

/** POST /v1/predict: the k most probable classes with probabilities, and the log-partition with its error. */
export function predictRoute(app: Hono, host: Host): void {
  app.post("/v1/predict", jsonBody(MAX_BATCH_BYTES), validBody(predictSchema), async (c) => {
    const { vector, vectors, k, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    requireWork(workOf(index.info, count, { ...options, scan: Math.max(k, options.scan) }), host.maxWork(c));
    const answers = index.predict(values, k, { ...options, batch: count }).map((answer) => ({
      ids: Array.from(answer.ids),
      scores: Array.from(answer.scores),
      probabilities: Array.from(answer.probabilities),
      logPartition: answer.logPartition,
      standardError: answer.standardError,
      effectiveSampleSize: answer.effectiveSampleSize,
      lowEss: answer.lowEss,
      exact: answer.exact,
      scored: answer.scored,
      seed: String(answer.seed),
    }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
