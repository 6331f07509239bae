import type { Hono } from "hono";
import { answerJson, estimatedJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import { readConditions } from "../conditions.ts";
import type { Host } from "../host.ts";
import { readIds } from "../ids.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { logprobSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { conditionsWork, logProbabilityWork, requireWork } from "../work.ts";

/** POST /v1/logprob: log-probabilities of given classes, null for one that takes no part. */
export function logprobRoute(app: Hono, host: Host): void {
  app.post("/v1/logprob", jsonBody(MAX_BATCH_BYTES), validBody(logprobSchema), async (c) => {
    const { vector, vectors, temperature, exclude, allow, ids, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    const conditions = readConditions({ temperature, exclude, allow }, index);
    const classes = readIds(ids, "ids", index);
    const work = logProbabilityWork(index.info, options, classes.length);
    requireWork(conditionsWork(index.info, conditions) + count * work, host.maxWork(c));
    const answers = index
      .logProbability(values, classes, { ...options, ...conditions, batch: count })
      .map((answer) => ({
        logProbabilities: Array.from(answer.logProbabilities),
        ...estimatedJson(answer),
      }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
