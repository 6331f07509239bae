import type { Context, Hono } from "hono";
import type { GenericSchema } from "valibot";
import { MAX_BATCH_BYTES } from "../contract/limits.ts";
import type { AnsweringHost, Served } from "../host/host.ts";
import type { ServedIndex, WorkOf } from "../host/served-index.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { type Body, readBody } from "../request/body.ts";
import {
  type AllConditionFields,
  type ConditionFields,
  type Conditions,
  readConditions,
} from "../request/conditions.ts";
import { conditionsWork } from "../request/conditions-work.ts";
import type { FieldNames } from "../request/invalid-field.ts";
import { type Queries, type QueryFields, readQueries } from "../request/queries.ts";
import { requireSpace } from "../request/space.ts";
import { requireWork } from "../request/work.ts";
import type { Answer } from "../telemetry/answered.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** The fields that endpoints share: the queries with the name of their space, and the conditions of the softmax. */
export type RequestFields = QueryFields & AllConditionFields & { readonly space?: string };

/** The other fields of an endpoint: the options of the library's method. */
export type OptionsOf<Fields> = Omit<Fields, keyof RequestFields>;

/** The arguments of one call of the library's method. */
export interface LibraryCall<Fields> {
  readonly index: ServedIndex;
  /** (batch × dim) f32. */
  readonly queries: Float32Array;
  readonly options: OptionsOf<Fields>;
  readonly conditions: Conditions & { readonly batch: number };
  /** The work that the request leaves of its limit, for each query. */
  readonly spareWork: number;
}

/** A method of the library over HTTP. */
export interface Endpoint<Fields extends RequestFields> {
  readonly path: string;
  /** Checks a JSON body, or the query string beside raw vectors. */
  readonly schema: GenericSchema<unknown, Fields>;
  /** The names of the fields, if they differ from those of the library's options. */
  readonly nameOf?: FieldNames;
  /** The most multiply-adds that one query can need. */
  readonly work: (info: ServedIndex["info"], options: OptionsOf<Fields>, conditions: ConditionFields) => number;
  /** Says how a request asks for less work. Default: as an estimate does. */
  readonly lessWork?: string;
  /** The fields that are read elsewhere, and are no options of the library's method. */
  readonly extraFields?: readonly string[];
  /** Reads the queries of a body. Default: `readQueries`. */
  readonly queriesOf?: (body: Body<Fields>, index: ServedIndex) => Queries;
  /** Returns one answer for each query. */
  readonly answer: (call: LibraryCall<Fields>) => readonly Answer[] | Promise<readonly Answer[]>;
}

/** Adds the route of an endpoint. Each endpoint reads the body, checks the work, calls the library and writes the answers. */
export function addEndpoint<Fields extends RequestFields>(
  app: Hono,
  host: AnsweringHost,
  telemetry: Telemetry,
  {
    path,
    schema,
    nameOf = (option) => option,
    work,
    lessWork,
    extraFields = [],
    queriesOf = readQueries,
    answer,
  }: Endpoint<Fields>,
): void {
  const answerBy = async (c: Context, body: Body<Fields>, served: Served): Promise<Response> => {
    const { index } = served;
    const { info, parts } = index;
    requireSpace(body.fields.space, info.space);
    const { values, count, work: ownWork, batched } = queriesOf(body, index);
    const [given, options] = separated(body.fields, extraFields);
    const { conditions: each = Array<ConditionFields>(count).fill(given) } = given;
    const workOf: WorkOf<OptionsOf<Fields>> = (of, asked) =>
      each.reduce((sum, own) => sum + work(of, asked, own), conditionsWork(of, given, count));
    const { maxWork } = host.settings(c);
    const needed = ownWork + (parts?.work(options, workOf) ?? workOf(info, options));
    requireWork(needed, maxWork, lessWork);
    // Labels take so long to look up that a request must have few of them.
    const conditions = readConditions(given, index, batched ? count : undefined, nameOf);
    const queries = values();
    // Each part may use all of it.
    const spareWork = (maxWork - needed) / count / (parts?.turns ?? 1);
    const answers = await answer({ index, queries, options, conditions: { ...conditions, batch: count }, spareWork });
    telemetry.answered(c, { path, served, queries, options, conditions, answers });
    return answerJson(c, served, answers, batched);
  };
  app.post(path, async (c) => {
    c.set("route", path);
    const body = await readBody(c, schema, MAX_BATCH_BYTES);
    return host.answerWith(c, (served) => answerBy(c, body, served), body.fields);
  });
}

/** Separates the conditions of a request from the options of the endpoint. */
function separated<Fields extends RequestFields>(
  fields: Fields,
  extraFields: readonly string[],
): readonly [conditions: AllConditionFields, options: OptionsOf<Fields>] {
  const { vector, vectors, features, weights, bags, space, ...conditioned } = fields;
  const { temperature, exclude, allow, bias, history, ...others } = conditioned;
  const {
    filter,
    namespace,
    repetitionPenalty,
    presencePenalty,
    frequencyPenalty,
    conditions,
    unknownLabels,
    ...given
  } = others;
  const penalties = { repetitionPenalty, presencePenalty, frequencyPenalty };
  const all = {
    temperature,
    exclude,
    allow,
    filter,
    namespace,
    bias,
    history,
    ...penalties,
    conditions,
    unknownLabels,
  };
  for (const name of extraFields) delete (given as Record<string, unknown>)[name];
  return [all, given as OptionsOf<Fields>];
}

/**
 * Writes one object for a request with one query, or `results` in the order of the queries. Both name the version of the index
 * that answered. Numbers that JSON lacks become null: an infinity, such as log Z if no class takes part, and an unknown
 * standard error.
 */
function answerJson(c: Context, served: Served, answers: readonly Answer[], batched: boolean): Response {
  const requestId = c.get("requestId");
  const { version, mutation } = served;
  const meta = { version, ...(mutation !== undefined && { mutation }), requestId };
  const body = JSON.stringify(batched ? { ...meta, results: answers } : { ...meta, ...answers[0] });
  // c.json takes 40 µs more in workerd, where each header that JavaScript sets costs a call into the runtime.
  const headers = { "content-type": "application/json", [REQUEST_ID_HEADER]: requestId, "x-index-version": version };
  return new Response(body, { headers });
}
