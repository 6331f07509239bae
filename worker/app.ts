import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { explainFailures, type GetIndex } from "./host.ts";
import { Problem, problemJson } from "./problem.ts";
import { logprobRoute } from "./routes/logprob.ts";
import { logzRoute } from "./routes/logz.ts";
import { predictRoute } from "./routes/predict.ts";
import { probeRoutes } from "./routes/probes.ts";
import { sampleRoute } from "./routes/sample.ts";
import { sampleTopRoute } from "./routes/sample-top.ts";
import { vectorizeRoutes } from "./routes/vectorize.ts";
import { DEFAULT_MAX_WORK } from "./work.ts";

declare module "hono" {
  interface ContextVariableMap {
    requestId: string;
    /** How this route answers an error; problem+json where nothing is set. */
    answerProblem: ((c: Context, problem: Problem) => Response) | undefined;
  }
}

export interface AppOptions {
  /** Multiply-adds one request may ask for; default DEFAULT_MAX_WORK. */
  readonly maxWork?: (c: Context) => number;
}

/** The HTTP application, the same in Workers and in Node: all it knows of its host is how to get the index. */
export function createApp(getIndex: GetIndex, { maxWork = () => DEFAULT_MAX_WORK }: AppOptions = {}): Hono {
  const app = new Hono();
  const host = { getIndex: explainFailures(getIndex), maxWork };
  app.use(requestId());
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }));
  app.notFound((c) => answer(c, new Problem("not_found", `${c.req.path} is not a route`)));
  app.onError((error, c) => answer(c, problemOf(error)));
  probeRoutes(app, host);
  predictRoute(app, host);
  sampleRoute(app, host);
  sampleTopRoute(app, host);
  logzRoute(app, host);
  logprobRoute(app, host);
  vectorizeRoutes(app, host);
  return app;
}

function answer(c: Context, problem: Problem): Response {
  if (problem.status === 503) c.header("retry-after", "1");
  return (c.get("answerProblem") ?? problemJson)(c, problem);
}

function answerMethodNotAllowed(c: Context, methods: string[]): Response {
  const allow = methods.join(", ");
  c.header("allow", allow);
  return answer(c, new Problem("method_not_allowed", `${c.req.path} takes ${allow}, not ${c.req.method}`));
}

function problemOf(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException) return new Problem("invalid_json", "the body is not valid JSON"); // by hono's parser
  if (isArgumentError(error)) return new Problem("invalid_field", error.message);
  console.error(error);
  return new Problem("internal", "the request could not be answered");
}

/** A refusal by the library; it names the argument first. The engine's own TypeErrors are our faults, not the caller's. */
function isArgumentError(error: Error): boolean {
  return (error.name === "TypeError" || error.name === "RangeError") && error.message.startsWith('"');
}
