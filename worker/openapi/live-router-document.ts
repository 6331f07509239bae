import * as v from "valibot";
import { liveVectorizeResult, liveVectorizeVectors } from "../contract/live-answers.ts";
import { LIVE_PROBLEMS } from "../contract/live-problems.ts";
import { live } from "../contract/live-requests.ts";
import { PART_PROBLEMS } from "../contract/part-problems.ts";
import { PROBLEMS } from "../contract/problem.ts";
import { routerInfoAnswer, vectorizeOfSomeResult } from "../contract/router-answers.ts";
import { vectorizeOfSomeSchema } from "../contract/router-requests.ts";
import { schemaWithFields } from "../endpoints/with-fields.ts";
import { type DescribedService, documentOf, ENDPOINTS, servicePaths } from "./document.ts";
import { WRITE_PATHS, WRITING } from "./live-document.ts";
import { OF_SOME } from "./router-document.ts";

const DESCRIPTION =
  "A router over parts whose classes change, with a log of their changes. Its routes and fields are those of live-openapi.json, " +
  'and beside them "partial" and "coverage" of router-openapi.json. All parts of an answer have the same changes.';

/** No route that is described answers with a 404. */
const { not_found: _, ...described } = PROBLEMS;

/** The service that live-router-openapi.json describes: a router that takes changes. */
export const LIVE_ROUTER_SERVICE: DescribedService = {
  title: "midx live router",
  description: DESCRIPTION,
  endpoints: ENDPOINTS.map((endpoint) => {
    const { schema, answers } = OF_SOME[endpoint.operationId] ?? endpoint;
    return { ...endpoint, answers, schema: schemaWithFields(schema as v.GenericSchema<unknown>, live) };
  }),
  vectorize: {
    schema: schemaWithFields<unknown>(vectorizeOfSomeSchema, live),
    result: v.strictObject({ ...vectorizeOfSomeResult.entries, ...liveVectorizeResult.entries }),
    vectors: liveVectorizeVectors,
  },
  problems: { ...described, part_missing: PART_PROBLEMS.part_missing, ...LIVE_PROBLEMS },
  tags: [{ name: "writing", description: WRITING }],
  moreStatuses: [400, 412],
  paths: { ...servicePaths(routerInfoAnswer), ...WRITE_PATHS },
};

/** The content of live-router-openapi.json for this version of the package. */
export const liveRouterDocument = (version: string): object => documentOf(version, LIVE_ROUTER_SERVICE);
