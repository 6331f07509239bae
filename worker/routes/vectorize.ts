import type { Hono, MiddlewareHandler } from "hono";
import { readBody } from "../body.ts";
import { envelope, envelopeOfProblem } from "../envelope.ts";
import type { Host } from "../host.ts";
import { MAX_QUERY_BYTES } from "../limits.ts";
import { vectorizeSchema } from "../schemas.ts";
import { readQueries } from "../vectors.ts";
import type { Watch } from "../watch/watch.ts";
import { requireWork, topWork } from "../work.ts";

/** Ours, and the path of Cloudflare's REST API: a Vectorize client only changes the host. */
export const VECTORIZE_PATHS = ["/v1/query", "/client/v4/accounts/:account/vectorize/v2/indexes/:index/query"] as const;

/** Errors in the envelope too, those of the guards before the route included. */
export const answerErrorsInEnvelope: MiddlewareHandler = (c, next) => {
  c.set("answerProblem", envelopeOfProblem);
  return next();
};

/** POST /v1/query: top-k in Cloudflare Vectorize's JSON, as topK finds it by default; scores are exact logits, ids are labels where there are any. */
export function vectorizeRoutes(app: Hono, host: Host, watch: Watch): void {
  for (const path of VECTORIZE_PATHS) {
    app.post(path, async (c) => {
      c.set("route", VECTORIZE_PATHS[0]);
      const body = await readBody(c, vectorizeSchema, MAX_QUERY_BYTES);
      const served = await host.served(c);
      const { index } = served;
      const { topK } = body.fields;
      const { values, count } = readQueries(body, index);
      requireWork(count * topWork(index.info, topK), host.settings(c).maxWork);
      const queries = values();
      const answer = index.topK(queries, topK);
      watch.answered(c, {
        path: VECTORIZE_PATHS[0],
        served,
        queries,
        conditions: {},
        options: {},
        answers: [answer],
      });
      const names = index.info.hasLabels ? index.labels(answer.ids) : Array.from(answer.ids, String);
      const matches = names.map((id, rank) => ({ id, score: answer.scores[rank] ?? 0 }));
      c.header("x-index-version", served.version);
      c.header("x-classes-scored", String(answer.scored));
      return envelope(c, { count: matches.length, matches });
    });
  }
}
