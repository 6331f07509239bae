import type { Hono } from "hono";
import { answerJson, estimatedJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import { readConditions } from "../conditions.ts";
import type { Host } from "../host.ts";
import { labelsJson } from "../ids.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { predictSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { conditionsWork, estimateWork, requireWork } from "../work.ts";

/** POST /v1/predict: the k most probable classes with probabilities, and the log-partition with its error. */
export function predictRoute(app: Hono, host: Host): void {
  app.post("/v1/predict", jsonBody(MAX_BATCH_BYTES), validBody(predictSchema), async (c) => {
    const { vector, vectors, temperature, exclude, allow, k, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    const conditions = readConditions({ temperature, exclude, allow }, index);
    const work = estimateWork(index.info, options, k);
    requireWork(conditionsWork(index.info, conditions) + count * work, host.maxWork(c));
    const answers = index.predict(values, k, { ...options, ...conditions, batch: count }).map((answer) => ({
      ids: Array.from(answer.ids),
      ...labelsJson(index, answer.ids),
      scores: Array.from(answer.scores),
      probabilities: Array.from(answer.probabilities),
      exact: answer.exact,
      ...estimatedJson(answer),
    }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
