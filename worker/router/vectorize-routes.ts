import type { Context, Hono } from "hono";
import type { GenericSchema } from "valibot";
import { topKOf } from "../../src/parts/index.ts";
import type { FieldsOf } from "../contract/requests.ts";
import { vectorizeOfSomeSchema } from "../contract/router-requests.ts";
import type { AnsweringHost, Served } from "../host/host.ts";
import { readJson } from "../request/body.ts";
import { requireWork } from "../request/work.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { envelope } from "../vectorize/envelope.ts";
import { filtersOf, INDEX_PATH, QUERY_PATH, queryOf, queryWork, vectorizeReads } from "../vectorize/routes.ts";
import { matchesOf, metadataOf, showsColumns, withBeside } from "../vectorize/vectors.ts";
import { isWhole } from "./coverage.ts";
import type { RouterIndex } from "./router-index.ts";

/** Adds Vectorize's routes. A query is by a vector or by the stored row of a class, which is asked for first. */
export function routedVectorizeRoutes(
  app: Hono,
  host: AnsweringHost,
  telemetry: Telemetry,
  schema: GenericSchema<unknown, FieldsOf<typeof vectorizeOfSomeSchema>> = vectorizeOfSomeSchema,
): void {
  const query = async (c: Context): Promise<Response> => {
    c.set("route", QUERY_PATH);
    const body = await readJson(c, schema);
    const { topK: k, returnValues: values, returnMetadata, partial: wanted } = body.fields;
    const answer = async (served: Served): Promise<Response> => {
      const index = served.index as RouterIndex;
      const conditions = filtersOf(body.fields);
      requireWork(queryWork(index, body.fields), host.settings(c).maxWork);
      index.carry({ rows: values, metadata: showsColumns(index, metadataOf(returnMetadata)) });
      const queries = queryOf(body, index);
      const [answer] =
        wanted === "allow"
          ? await some(index, queries, k, conditions)
          : await index.topK(queries, k, { ...conditions, batch: 1 });
      const found = answer as NonNullable<typeof answer>;
      telemetry.answered(c, { path: QUERY_PATH, served, queries, conditions, options: {}, answers: [found] });
      const matches = matchesOf(index, found, values, returnMetadata);
      c.header("x-index-version", served.version);
      c.header("x-classes-scored", String(found.scored));
      const all = await withBeside(matches, served, metadataOf(returnMetadata));
      return envelope(c, {
        count: matches.length,
        matches: all,
        ...("coverage" in found && { coverage: found.coverage }),
      });
    };
    return host.answerWith(c, answer, body.fields);
  };
  for (const path of [QUERY_PATH, `${INDEX_PATH}/query`]) app.post(path, query);
  vectorizeReads(app, host);
}

const some = (index: RouterIndex, queries: Float32Array, k: number, conditions: ReturnType<typeof filtersOf>) =>
  index.ofSome("topK", queries, { ...conditions, batch: 1 }, { size: ["k", k] }, (_, answer, coverage) => ({
    ...topKOf(answer),
    ...(!isWhole(coverage) && { exact: false }),
    coverage,
  }));
