import type { Context, Hono, MiddlewareHandler } from "hono";
import type { GenericSchema } from "valibot";
import type { TopK } from "../../src/public.ts";
import { MAX_BATCH_BYTES } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import { type FieldsOf, idsSchema, listSchema, vectorizeSchema } from "../contract/requests.ts";
import type { VectorizeAnswer } from "../contract/wire.ts";
import type { AnsweringHost, Served } from "../host/host.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { type Body, readJson, readSearch } from "../request/body.ts";
import type { OwnConditions } from "../request/conditions.ts";
import { conditionsWork } from "../request/conditions-work.ts";
import { invalidField } from "../request/invalid-field.ts";
import { readQueries } from "../request/queries.ts";
import { namesWork, requireWork, topWork, vectorsWork } from "../request/work.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { envelope, envelopeOfProblem } from "./envelope.ts";
import { listVectors } from "./listing.ts";
import { classOf, matchesOf, metadataOf, vectorsOf, withBeside } from "./vectors.ts";

export const QUERY_PATH = "/v1/query";
/** The path of Cloudflare's REST API. The one index answers at every account and name. */
export const INDEXES_PATH = "/client/v4/accounts/:account/vectorize/v2/indexes";
export const INDEX_PATH = `${INDEXES_PATH}/:index`;
/** The paths whose errors use the envelope: those of Cloudflare's API, and those below /v1/query. */
export const ENVELOPE_PATHS = [`${QUERY_PATH}/*`, "/client/*"] as const;

/** The name of the index in the list of indexes. */
const SERVED_NAME = "midx";

/** Makes a route write its errors in the envelope, including those of the guards before it. */
export const answerErrorsInEnvelope: MiddlewareHandler = (c, next) => {
  c.set("answerProblem", envelopeOfProblem);
  return next();
};

/** Adds the routes of Cloudflare Vectorize that an immutable index can answer. Scores are exact logits. */
export function vectorizeRoutes(
  app: Hono,
  host: AnsweringHost,
  telemetry: Telemetry,
  schema: GenericSchema<unknown, FieldsOf<typeof vectorizeSchema>> = vectorizeSchema,
): void {
  for (const path of [QUERY_PATH, `${INDEX_PATH}/query`]) app.post(path, (c) => query(c, host, telemetry, schema));
  vectorizeReads(app, host);
}

/** Adds those of the routes that read stored values. */
export function vectorizeReads(app: Hono, host: AnsweringHost): void {
  app.post(`${INDEX_PATH}/get_by_ids`, (c) => getByIds(c, host));
  const read = (path: string, result: (c: Context, served: Served) => unknown): void => {
    app.get(path, (c) => {
      c.set("route", path);
      return answered(c, host, (served) => result(c, served));
    });
  };
  read(INDEXES_PATH, (_, { index }) => [description(SERVED_NAME, index)]);
  read(INDEX_PATH, (c, { index }) => description(c.req.param("index") as string, index));
  read(`${INDEX_PATH}/info`, (_, { index: { info }, version, mutation }) => ({
    dimensions: info.dim,
    vectorCount: info.changes?.classCount ?? info.itemCount,
    processedUpToDatetime: null,
    processedUpToMutation: String(mutation ?? version),
  }));
  read(`${INDEX_PATH}/list`, (c, { index }) => {
    const fields = readSearch(c, listSchema);
    requireWork(namesWork(fields.count), host.settings(c).maxWork);
    return listVectors(index, fields);
  });
  read(
    `${INDEX_PATH}/metadata_index/list`,
    (
      _,
      {
        index: {
          info: { columns = [] },
        },
      },
    ) => ({
      metadataIndexes: columns.flatMap(({ name, type }) =>
        name.startsWith("$") ? [] : { propertyName: name, indexType: type },
      ),
    }),
  );
}

/** Answers with a result in the envelope, and its version. */
function answered(
  c: Context,
  host: AnsweringHost,
  result: (served: Served) => unknown,
  fields?: object,
): Promise<Response> {
  const answer = async (served: Served): Promise<Response> => {
    c.header("x-index-version", served.version);
    return envelope(c, await result(served));
  };
  return host.answerWith(c, answer, fields);
}

/** Answers a query by `topK` with default options. */
async function query(
  c: Context,
  host: AnsweringHost,
  telemetry: Telemetry,
  schema: GenericSchema<unknown, FieldsOf<typeof vectorizeSchema>>,
): Promise<Response> {
  c.set("route", QUERY_PATH);
  const body = await readJson(c, schema);
  const result = async (served: Served): Promise<VectorizeAnswer> => {
    const { index } = served;
    const { topK, returnValues: values, returnMetadata } = body.fields;
    const conditions = filtersOf(body.fields);
    const queries = queryOf(body, index);
    requireWork(queryWork(index, body.fields), host.settings(c).maxWork);
    const [answer] = (await index.topK(queries, topK, { ...conditions, batch: 1 })) as [TopK];
    telemetry.answered(c, { path: QUERY_PATH, served, queries, conditions, options: {}, answers: [answer] });
    const matches = matchesOf(index, answer, values, returnMetadata);
    c.header("x-classes-scored", String(answer.scored));
    return { count: matches.length, matches: await withBeside(matches, served, metadataOf(returnMetadata)) };
  };
  return answered(c, host, result, body.fields);
}

/** The work of a query by `topK`, and of writing the values of its rows. */
export function queryWork({ info, parts }: ServedIndex, fields: FieldsOf<typeof vectorizeSchema>): number {
  const { topK, returnValues } = fields;
  const workOf = (own: ServedIndex["info"]): number => topWork(own, topK) + conditionsWork(own, filtersOf(fields), 1);
  return (parts?.work({}, workOf) ?? workOf(info)) + vectorsWork(topK, returnValues ? info.dim : 0);
}

/** The conditions of a request: its filter and namespace. A filter without columns counts as no filter. */
export const filtersOf = ({ filter, namespace }: FieldsOf<typeof vectorizeSchema>): FilterConditions => ({
  ...(filter && Object.keys(filter).length > 0 && { filter }),
  ...(namespace !== undefined && { namespace }),
});
type FilterConditions = Pick<OwnConditions, "filter" | "namespace">;

/** The vector of a request, or the stored row of the class that it names. */
export function queryOf(body: Body<FieldsOf<typeof vectorizeSchema>>, index: ServedIndex): Float32Array {
  const { vector, vectorId } = body.fields;
  if ((vector === undefined) === (vectorId === undefined)) {
    throw new Problem(
      "invalid_field",
      `body expected one of "vector", "vectorId", got ${vector === undefined ? "none" : "both"}`,
    );
  }
  if (vectorId === undefined) return readQueries(body, index).values();
  const id = classOf(index, vectorId);
  if (id === undefined) throw invalidField("vectorId", "an id of the index, got an unknown string");
  return index.rows([id]);
}

/** Answers with the stored rows of the given ids. Ids that the index lacks are left out. */
async function getByIds(c: Context, host: AnsweringHost): Promise<Response> {
  c.set("route", `${INDEX_PATH}/get_by_ids`);
  const { ids } = (await readJson(c, idsSchema, MAX_BATCH_BYTES)).fields;
  return answered(c, host, (served) => {
    const { index } = served;
    requireWork(namesWork(ids.length) + vectorsWork(ids.length, index.info.dim), host.settings(c).maxWork);
    const classes = ids.map((id) => classOf(index, id)).filter((id) => id !== undefined);
    const vectors = vectorsOf(index, Int32Array.from(classes), { values: true, metadata: "all" });
    return withBeside(vectors, served, "all");
  });
}

const description = (name: string, { info }: ServedIndex): object => ({
  name,
  config: { dimensions: info.dim, metric: info.metric === "dot" ? "dot-product" : info.metric },
});
