import type { Hono } from "hono";
import { answerJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import type { Host } from "../host.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { sampleSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { EXACT_SAMPLE_PASSES, requireWork, workOf } from "../work.ts";

/** POST /v1/sample: independent draws from the proposal, each with its exact logit and its log Q. */
export function sampleRoute(app: Hono, host: Host): void {
  app.post("/v1/sample", jsonBody(MAX_BATCH_BYTES), validBody(sampleSchema), async (c) => {
    const { vector, vectors, draws, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    requireWork(workOf(index.info, count, { ...options, draws }, EXACT_SAMPLE_PASSES), host.maxWork(c));
    const answers = index.sample(values, draws, { ...options, batch: count }).map((answer) => ({
      ids: Array.from(answer.ids),
      scores: Array.from(answer.scores),
      logQ: Array.from(answer.logQ),
      scored: answer.scored,
      seed: String(answer.seed),
    }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}
