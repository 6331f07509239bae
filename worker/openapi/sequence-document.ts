import type { GenericSchema, ObjectEntries } from "valibot";
import { infoAnswer } from "../contract/answers.ts";
import { PROBLEMS } from "../contract/problem.ts";
import { encodeAnswer } from "../contract/sequence-answers.ts";
import { encodeSchema, sequenceQueries } from "../contract/sequence-requests.ts";
import { schemaWithFields } from "../endpoints/with-fields.ts";
import { ENCODE_PATH } from "../sequences/encode-route.ts";
import { type DescribedEndpoint, type DescribedService, documentOf, ENDPOINTS, servicePaths } from "./document.ts";
import { errorResponses, headerRefs } from "./errors.ts";
import { BODY_STATUSES, jsonContent, SECURITY } from "./operations.ts";
import { requestJson } from "./schemas-json.ts";

const DESCRIPTION =
  "An index that carries an encoder makes queries of sequences: what somebody chose or wrote, item by item. Its routes and " +
  "fields are those of openapi.json, every call also takes sequence or sequences as its queries, and /v1/encode returns the query.";

/** No route that is described answers with a 404. */
const { not_found: _, ...problems } = PROBLEMS;

const ENCODE_EXAMPLE = { sequence: ["item-17", "item-4"] };

/** The content of sequences-openapi.json for this version of the package, which describes a service with sequences. */
export const sequenceDocument = (version: string): object =>
  documentOf(version, {
    title: "midx with sequences",
    description: DESCRIPTION,
    problems,
    tags: [],
    endpoints: withSequences(ENDPOINTS),
    paths: { ...servicePaths(infoAnswer), [ENCODE_PATH]: encodeOperation(encodeSchema) },
  });

/** Returns the description of a service that also takes sequences. `entries` are the further fields of its requests. */
export const serviceWithSequences = (service: DescribedService, entries: ObjectEntries = {}): DescribedService => ({
  ...service,
  title: `${service.title} with sequences`,
  description: `${service.description} Sequences are queries, and /v1/encode returns the query of one, as in sequences-openapi.json.`,
  endpoints: withSequences(service.endpoints),
  paths: { ...service.paths, [ENCODE_PATH]: encodeOperation(schemaWithFields<unknown>(encodeSchema, entries)) },
});

/** Adds sequences to the queries of endpoints. */
const withSequences = (endpoints: readonly DescribedEndpoint[]): DescribedEndpoint[] =>
  endpoints.map((endpoint) => ({ ...endpoint, schema: schemaWithFields(endpoint.schema, sequenceQueries) }));

/** The operation of /v1/encode, whose requests have this schema. */
const encodeOperation = (schema: GenericSchema): object => ({
  post: {
    operationId: "encode",
    summary: "The query of a sequence",
    tags: ["softmax"],
    security: SECURITY,
    description: "A session that grows sends its new items, and the state of the answer before.",
    requestBody: {
      required: true,
      content: { "application/json": { schema: requestJson(schema), example: ENCODE_EXAMPLE } },
    },
    responses: {
      200: {
        description: "The query, which every call takes as a vector, and the state after the last item.",
        headers: headerRefs(["x-request-id", "x-index-version"]),
        content: jsonContent(encodeAnswer),
      },
      ...errorResponses(BODY_STATUSES),
    },
  },
});
