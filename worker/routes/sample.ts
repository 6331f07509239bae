import type { Hono } from "hono";
import type { ExactDraws } from "../../src/answers.ts";
import type { MultiIndex } from "../../src/multi-index.ts";
import { answerJson } from "../answer.ts";
import { jsonBody } from "../body.ts";
import { readConditions } from "../conditions.ts";
import type { Host } from "../host.ts";
import { labelsJson } from "../ids.ts";
import { MAX_BATCH_BYTES } from "../limits.ts";
import { sampleSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQueries } from "../vectors.ts";
import { conditionsWork, requireWork, sampleWork } from "../work.ts";

/** POST /v1/sample: independent draws, each with its exact logit and, but for exact ones, its log Q. */
export function sampleRoute(app: Hono, host: Host): void {
  app.post("/v1/sample", jsonBody(MAX_BATCH_BYTES), validBody(sampleSchema), async (c) => {
    const { vector, vectors, temperature, exclude, allow, draws, exact, ...options } = c.req.valid("json");
    const index = await host.getIndex(c);
    const { values, count } = readQueries({ vector, vectors }, c.var.bodyBytes, index.info.dim);
    const conditions = readConditions({ temperature, exclude, allow }, index);
    const work = sampleWork(index.info, { ...options, draws, exact });
    requireWork(conditionsWork(index.info, conditions) + count * work, host.maxWork(c));
    const asked = { ...options, ...conditions, batch: count };
    const answers = exact
      ? index.sample(values, draws, { ...asked, exact }).map((answer) => drawsJson(index, answer))
      : index
          .sample(values, draws, asked)
          .map((answer) => ({ ...drawsJson(index, answer), logQ: Array.from(answer.logQ) }));
    return answerJson(c, index, vectors !== undefined, answers);
  });
}

function drawsJson(index: MultiIndex, { ids, scores, scored, seed }: ExactDraws): object {
  return { ids: Array.from(ids), ...labelsJson(index, ids), scores: Array.from(scores), scored, seed: String(seed) };
}
