import type { Context, Hono } from "hono";
import type { GenericSchema } from "valibot";
import type { MultiIndex } from "../../src/public.ts";
import { MAX_BATCH_BYTES } from "../contract/limits.ts";
import type { Host, Served } from "../host/host.ts";
import { readBody } from "../request/body.ts";
import { type ConditionFields, type Conditions, readConditions } from "../request/conditions.ts";
import { type QueryFields, readQueries } from "../request/queries.ts";
import { conditionsWork, requireWork } from "../request/work.ts";
import type { Answer } from "../telemetry/answered.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** What every question takes: the queries, and the distribution that they are asked of. */
export type QuestionFields = QueryFields & ConditionFields;

/** The fields that are a question's own: what the library takes as options. */
export type OptionsOf<Fields> = Omit<Fields, keyof QuestionFields>;

/** What a question is asked with. */
export interface Asked<Fields> {
  readonly index: MultiIndex;
  /** (batch × dim) f32. */
  readonly queries: Float32Array;
  readonly options: OptionsOf<Fields>;
  /** For the library: temperature, filters and the number of queries. */
  readonly conditions: Conditions & { readonly batch: number };
}

/** A call of the library over HTTP. */
export interface Question<Fields extends QuestionFields> {
  readonly path: string;
  /** Of a JSON body, and of the query string beside raw vectors. */
  readonly schema: GenericSchema<unknown, Fields>;
  /** Multiply-adds of one query, from above. */
  readonly work: (info: MultiIndex["info"], options: OptionsOf<Fields>) => number;
  /** One answer a query. */
  readonly answer: (asked: Asked<Fields>) => readonly Answer[];
}

/** Body → queries and conditions → work → answers: the same for every question. */
export function questionRoute<Fields extends QuestionFields>(
  app: Hono,
  host: Host,
  telemetry: Telemetry,
  { path, schema, work, answer }: Question<Fields>,
): void {
  app.post(path, async (c) => {
    c.set("route", path);
    const body = await readBody(c, schema, MAX_BATCH_BYTES);
    const served = await host.served(c);
    const { index } = served;
    const { values, count, work: ownWork, batched } = readQueries(body, index);
    const { vector, vectors, features, weights, bags, temperature, exclude, allow, ...options } = body.fields;
    const conditions = readConditions({ temperature, exclude, allow }, index);
    const { maxWork } = host.settings(c);
    requireWork(ownWork + conditionsWork(index.info, conditions) + count * work(index.info, options), maxWork);
    const queries = values();
    const answers = answer({ index, queries, options, conditions: { ...conditions, batch: count } });
    telemetry.answered(c, { path, served, queries, options, conditions, answers });
    return answerJson(c, served, answers, batched);
  });
}

/**
 * The shape of an answer follows the request: one object for one vector, `results` in their order for several. Both say
 * which version of the index they come from. What JSON has no number for is null: the infinities, such as log Z where no
 * class takes part, and an error that can't be told.
 */
function answerJson(c: Context, { version }: Served, answers: readonly Answer[], batched: boolean): Response {
  const requestId = c.get("requestId");
  const said = { version, requestId };
  const body = JSON.stringify(batched ? { ...said, results: answers } : { ...said, ...answers[0] });
  // c.json takes 40 µs more in workerd, where every header that is set is a call out of JavaScript.
  const headers = { "content-type": "application/json", "x-request-id": requestId, "x-index-version": version };
  return new Response(body, { headers });
}
