import type { Hono, MiddlewareHandler } from "hono";
import { jsonBody } from "../body.ts";
import { envelope, envelopeOfProblem } from "../envelope.ts";
import type { Host } from "../host.ts";
import { MAX_QUERY_BYTES } from "../limits.ts";
import { vectorizeSchema } from "../schemas.ts";
import { validBody } from "../validate.ts";
import { readQuery } from "../vectors.ts";
import { requireWork, topWork } from "../work.ts";

/** Ours, and the path of Cloudflare's REST API: a Vectorize client only changes the host. */
const PATHS = ["/v1/query", "/client/v4/accounts/:account/vectorize/v2/indexes/:index/query"];

const answerErrorsInEnvelope: MiddlewareHandler = (c, next) => {
  c.set("answerProblem", envelopeOfProblem);
  return next();
};

/** POST /v1/query: top-k in Cloudflare Vectorize's JSON, as topK finds it by default; scores are exact logits, ids are labels where there are any. */
export function vectorizeRoutes(app: Hono, host: Host): void {
  for (const path of PATHS) {
    app.use(path, answerErrorsInEnvelope);
    app.post(path, jsonBody(MAX_QUERY_BYTES), validBody(vectorizeSchema), async (c) => {
      const { vector, topK } = c.req.valid("json");
      const index = await host.getIndex(c);
      const query = readQuery(vector, index.info.dim);
      requireWork(topWork(index.info, topK), host.maxWork(c));
      const { ids, scores } = index.topK(query, topK);
      const names = index.info.hasLabels ? index.labels(ids) : Array.from(ids, String);
      const matches = names.map((id, rank) => ({ id, score: scores[rank] ?? 0 }));
      return envelope(c, { count: matches.length, matches });
    });
  }
}
