import type { Hono } from "hono";
import { answerJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import { readConditions } from "../conditions.ts";
import type { Host } from "../host.ts";
import { labelsJson } from "../ids.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { sampleTopSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { conditionsWork, requireWork, sampleTopWork } from "../work.ts";

/** POST /v1/sample-top: k distinct classes, without replacement, with weights for sums over all classes. */
export function sampleTopRoute(app: Hono, host: Host): void {
  app.post("/v1/sample-top", jsonBody(MAX_BATCH_BYTES), validBody(sampleTopSchema), async (c) => {
    const { vector, vectors, temperature, exclude, allow, k, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    const conditions = readConditions({ temperature, exclude, allow }, index);
    const work = sampleTopWork(index.info, k, options.scan, options.exact);
    requireWork(conditionsWork(index.info, conditions) + count * work, host.maxWork(c));
    const answers = index.sampleTopK(values, k, { ...options, ...conditions, batch: count }).map((answer) => ({
      ids: Array.from(answer.ids),
      ...labelsJson(index, answer.ids),
      scores: Array.from(answer.scores),
      keys: Array.from(answer.keys),
      threshold: answer.threshold, // null where all classes are drawn
      logWeights: Array.from(answer.logWeights),
      exact: answer.exact,
      scored: answer.scored,
      seed: String(answer.seed),
    }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
