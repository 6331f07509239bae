// The tables of docs/service.md and docs/scale-out.md with the fields of requests and answers, made from the service's schemas.
import type { JsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import * as answers from "../../worker/contract/answers.ts";
import { descriptionOf } from "../../worker/contract/fields.ts";
import * as requests from "../../worker/contract/requests.ts";
import * as routerAnswers from "../../worker/contract/router-answers.ts";
import * as routerRequests from "../../worker/contract/router-requests.ts";
import { vectorizeResult } from "../../worker/contract/vectorize-answers.ts";
import { requestFieldJson } from "../../worker/openapi/schemas-json.ts";
import { limitsOf } from "./limits.ts";

type Entries = Readonly<Record<string, v.GenericSchema>>;

const REQUESTS: Readonly<Record<string, Entries>> = {
  predict: requests.predictSchema.entries,
  sample: requests.sampleSchema.entries,
  "sample-top-k": requests.sampleTopKSchema.entries,
  "log-partition": requests.logPartitionSchema.entries,
  "log-probability": requests.logProbabilitySchema.entries,
  decode: requests.decodeSchema.entries,
  "slate-log-probability": requests.slateLogProbabilitySchema.entries,
  query: requests.vectorizeSchema.entries,
};

const ANSWERS: Readonly<Record<string, Entries>> = {
  predict: answers.predictAnswer.entries,
  sample: answers.drawsAnswer.entries,
  "sample-top-k": answers.sampleTopKAnswer.entries,
  "log-partition": answers.logPartitionAnswer.entries,
  "log-probability": answers.logProbabilityAnswer.entries,
  decode: answers.decodeAnswer.entries,
  "slate-log-probability": answers.slateLogProbabilityAnswer.entries,
  query: vectorizeResult.entries,
};

const ROUTER_REQUESTS: Readonly<Record<string, Entries>> = {
  predict: routerRequests.predictOfSomeSchema.entries,
  "log-partition": routerRequests.logPartitionOfSomeSchema.entries,
  query: routerRequests.vectorizeOfSomeSchema.entries,
};

const ROUTER_ANSWERS: Readonly<Record<string, Entries>> = {
  predict: routerAnswers.covered,
  "log-partition": routerAnswers.covered,
  query: routerAnswers.covered,
  info: routerAnswers.routed,
};

const ENDPOINTS = Object.keys(REQUESTS).filter((place) => place !== "query");

const REQUEST_HEAD = ["field", "routes", "type and limits", "description"];
const ANSWER_HEAD = ["field", "routes", "description"];

const requestCells = (name: string, schema: v.GenericSchema): readonly string[] => [
  [typeInWords(requestFieldJson(name, schema)), limitsOf(name, schema)].filter(Boolean).join(". ").replace(/\.$/, ""),
  descriptionOf(name, schema)?.description ?? "",
];
const answerCells = (_: string, schema: v.GenericSchema): readonly string[] => [
  v.getDescription(unwrapped(schema) as v.SchemaWithPipe<readonly [v.GenericSchema]>) ?? "",
];

type Tables = Readonly<Record<string, () => string>>;

/** The text between the marks of each name, by document. */
export const FIELD_TABLES: Readonly<Record<string, Tables>> = {
  "docs/service.md": {
    "request-fields": () => table(REQUEST_HEAD, REQUESTS, requestCells),
    "answer-fields": () => table(ANSWER_HEAD, ANSWERS, answerCells),
  },
  "docs/scale-out.md": {
    "router-request-fields": () => table(REQUEST_HEAD, beside(REQUESTS, ROUTER_REQUESTS), requestCells),
    "router-answer-fields": () => table(ANSWER_HEAD, ROUTER_ANSWERS, answerCells),
  },
};

/** Returns the fields of requests to routers that those to an index do not have. */
const beside = (known: Readonly<Record<string, Entries>>, routed: Readonly<Record<string, Entries>>) =>
  Object.fromEntries(
    Object.entries(routed).map(([place, entries]) => [
      place,
      Object.fromEntries(Object.entries(entries).filter(([name]) => !(name in (known[place] ?? {})))),
    ]),
  );

/** Returns a table with one row for each field with one meaning. A field with several meanings has several rows. */
function table(
  head: readonly string[],
  from: Readonly<Record<string, Entries>>,
  cellsOf: (name: string, schema: v.GenericSchema) => readonly string[],
): string {
  const places = new Map<string, string[]>();
  for (const [place, entries] of Object.entries(from)) {
    for (const [name, schema] of Object.entries(entries)) {
      const key = JSON.stringify([name, ...cellsOf(name, schema)]);
      const marked =
        schema.type === "exact_optional" || from === ANSWERS || from === ROUTER_ANSWERS ? place : `${place} (required)`;
      places.set(key, [...(places.get(key) ?? []), marked]);
    }
  }
  const rows = Array.from(places, ([key, of]) => {
    const [name, ...cells] = JSON.parse(key) as string[];
    const others = of.filter((place) => !ENDPOINTS.includes(place));
    const isOfAll = of.length - others.length === ENDPOINTS.length;
    return [
      `\`${name}\``,
      (isOfAll ? [others.length > 0 ? "all" : "all but query"] : of).join(", "),
      ...cells.map((cell) => cell.replaceAll("|", "\\|")),
    ];
  });
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Describes the type of a JSON schema in words. */
function typeInWords({ type, const: only, enum: some, anyOf, items }: JsonSchema): string {
  if (anyOf) return [...new Set(anyOf.map((one) => typeInWords(one as JsonSchema)))].join(" or ");
  if (only !== undefined) return JSON.stringify(only);
  if (some) return some.map((one) => JSON.stringify(one)).join(", ");
  if (type === "array") return `list of ${typeInWords(items as JsonSchema)}`;
  return type === undefined ? "nothing" : String(type);
}

const unwrapped = (schema: v.GenericSchema): v.GenericSchema =>
  schema.type === "exact_optional" ? (schema as unknown as { wrapped: v.GenericSchema }).wrapped : schema;
