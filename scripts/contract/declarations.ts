// Writes out the types of worker/contract/wire.ts with the description of each field, for dist/client.d.ts, because users of
// the client have no valibot. test/openapi/declarations.test.ts compares them with the types that tsc infers.

import * as v from "valibot";
import { without } from "../../src/publication/without.ts";
import * as answers from "../../worker/contract/answers.ts";
import { className, decodeConditions, queryConditions } from "../../worker/contract/condition-fields.ts";
import { bag, descriptionOf, type FieldDescription } from "../../worker/contract/fields.ts";
import { liveVectorizeMatch, liveVectorizeResult } from "../../worker/contract/live-answers.ts";
import * as requests from "../../worker/contract/requests.ts";
import type { Declaration, Entries } from "./declaration.ts";
import { limitsOf } from "./limits.ts";
import { ROUTER_DECLARATIONS, ROUTER_NAMES } from "./router-declarations.ts";

const query = without(requests.vectorizeSchema.entries, "vectorId", "vector");
const { ids, labels, scores } = answers.predictAnswer.entries;

/** The declarations. An interface comes before those that extend it. */
const DECLARATIONS: Readonly<Record<string, Declaration>> = {
  Bag: { description: "A query as features, by id or by name, which the service encodes.", entries: bag.entries },
  QueryConditions: { description: "The conditions of one query of a batch.", entries: queryConditions.entries },
  DecodeConditions: {
    description: "The conditions of one query of a batch of `decode`.",
    entries: decodeConditions.entries,
  },
  RequestOptions: {
    description: "Options of every request: the conditions of the softmax, and the seed.",
    entries: withoutQueries(requests.common),
  },
  EstimateOptions: {
    description: "Options of every estimate of log Z: its head, its proposal and its draws.",
    extends: ["RequestOptions"],
    entries: withoutQueries(requests.estimate),
  },
  PredictOptions: {
    description: "Options of `predict`.",
    extends: ["EstimateOptions"],
    entries: withoutQueries(requests.predictSchema.entries),
  },
  LogProbabilityOptions: {
    description: "Options of `logProbability`.",
    extends: ["EstimateOptions"],
    entries: withoutQueries(requests.logProbabilitySchema.entries),
  },
  LogPartitionOptions: {
    description: "Options of `logPartition`.",
    extends: ["EstimateOptions"],
    entries: withoutQueries(requests.logPartitionSchema.entries),
  },
  SampleOptions: {
    description: "Options of `sample`.",
    extends: ["RequestOptions"],
    entries: withoutQueries(requests.sampleSchema.entries),
  },
  SampleTopKOptions: {
    description: "Options of `sampleTopK`.",
    extends: ["RequestOptions"],
    entries: withoutQueries(requests.sampleTopKSchema.entries),
  },
  DecodeOptions: {
    description: "Options of `decode`, under the names that OpenAI and vLLM have for them.",
    entries: withoutQueries(requests.decodeSchema.entries),
  },
  SlateLogProbabilityOptions: {
    description: "Options of `slateLogProbability`.",
    entries: withoutQueries(requests.slateLogProbabilitySchema.entries),
  },
  VectorizeOptions: { description: "Options of `vectorizeQuery`, named as in Cloudflare Vectorize.", entries: query },
  ResponseMeta: { description: "The first fields of every answer.", entries: answers.responseMeta },
  Choice: {
    description: 'The choice of `scan: "auto"`, and the measurements behind it.',
    entries: answers.choice.entries,
  },
  EstimatedAnswer: { description: "The fields of every estimate of log Z.", entries: answers.estimated },
  Classes: {
    description: "Classes by id and, if the index has labels, by label.",
    entries: { ids, labels, scores },
  },
  PredictAnswer: {
    description: "The most probable classes, best first, with the estimate of log Z behind their probabilities.",
    extends: ["Classes", "EstimatedAnswer"],
    entries: answers.predictAnswer.entries,
  },
  LogProbabilityAnswer: {
    description: "The log-probabilities of given classes, with the estimate of log Z behind them.",
    extends: ["EstimatedAnswer"],
    entries: answers.logProbabilityAnswer.entries,
  },
  LogPartitionAnswer: {
    description: "The estimate of log Z, and bounds that certainly hold.",
    extends: ["EstimatedAnswer"],
    entries: answers.logPartitionAnswer.entries,
  },
  ExactDrawsAnswer: {
    description: "Draws from the softmax itself, which have no log Q.",
    extends: ["Classes"],
    entries: answers.exactDrawsAnswer.entries,
  },
  DrawsAnswer: {
    description: "Draws from the proposal, with their log Q.",
    extends: ["ExactDrawsAnswer"],
    entries: answers.drawsAnswer.entries,
  },
  SampleTopKAnswer: {
    description: "Distinct classes in the order in which they are drawn, with weights for sums over all classes.",
    extends: ["Classes"],
    entries: answers.sampleTopKAnswer.entries,
  },
  DecodeTop: { description: "The best classes before any truncation.", entries: answers.decodeTop.entries },
  DecodeAnswer: {
    description: "The class that `decode` drew, and what decided which classes were kept.",
    entries: answers.decodeAnswer.entries,
  },
  SlateLogProbabilityAnswer: {
    description: "The log-probability of a slate.",
    entries: answers.slateLogProbabilityAnswer.entries,
  },
  VectorizeMatch: { description: "A class in an answer of `vectorizeQuery`.", entries: liveVectorizeMatch.entries },
  VectorizeAnswer: {
    description: "Matches as Cloudflare Vectorize returns them.",
    entries: liveVectorizeResult.entries,
  },
  InfoAnswer: {
    description: "The index that is served: the library's `info`, and the version.",
    entries: answers.infoAnswer.entries,
  },
  ReadyAnswer: {
    description: "The state of a service that can answer requests.",
    entries: answers.readyAnswer.entries,
  },
  ...ROUTER_DECLARATIONS,
};

/** Schemas that fields refer to by the name of their declaration. */
const NAMES = new Map<v.GenericSchema, string>([
  [answers.choice, "Choice"],
  ...ROUTER_NAMES,
  [answers.decodeTop, "DecodeTop"],
  [queryConditions, "QueryConditions"],
  [decodeConditions, "DecodeConditions"],
  [className, "ClassName"],
  [liveVectorizeMatch, "VectorizeMatch"],
]);

/** Returns the content of worker/contract/wire.d.ts. */
export function wireDeclarations(): string {
  return [
    `${comment("A class: its id, or its label where the index has labels.")}export type ClassName = ${unionOf(className.options)};`,
    ...Object.entries(DECLARATIONS).map(([name, declaration]) => interfaceOf(name, declaration)),
    `${comment("The answers to a batch of queries, in their order.")}export interface BatchAnswer<Answer> extends ResponseMeta {\n${comment("One answer for each query, in order.", "  ")}  readonly results: readonly Answer[];\n}`,
    "export {};\n",
  ].join("\n\n");
}

function interfaceOf(name: string, { description, extends: bases = [], entries }: Declaration): string {
  const inherited = bases.flatMap((base) => Object.keys(allEntries(base)));
  const own = Object.entries(entries).filter(([field]) => !inherited.includes(field));
  const heritage = bases.length > 0 ? ` extends ${bases.join(", ")}` : "";
  const fields = own
    .map(([field, schema]) => fieldOf(field, schema, "  ", isRequest(name) ? descriptionOf(field, schema) : undefined))
    .join("\n");
  return `${description ? comment(description) : ""}${name === "Classes" ? "" : "export "}interface ${name}${heritage} {\n${fields}\n}`;
}

const isRequest = (name: string): boolean => name === "Bag" || name.endsWith("Options");

const allEntries = (name: string): Entries => (DECLARATIONS[name] as Declaration).entries;

/** Declares a field. `meaning` describes a field of a request. The schemas of answers have their own descriptions. */
function fieldOf(name: string, schema: v.GenericSchema, indent: string, meaning?: FieldDescription): string {
  const isOptional = schema.type === "exact_optional";
  const held = isOptional ? (schema as unknown as { wrapped: v.GenericSchema }).wrapped : schema;
  const description = meaning
    ? [meaning.description, limitsOf(name, schema)].filter(Boolean).join(" ")
    : describedBy(held);
  const type = meaning ? requestType(name, meaning.value ?? held, indent) : typeOf(held, indent);
  return `${description ? comment(description, indent) : ""}${indent}readonly ${name}${isOptional ? "?" : ""}: ${type};`;
}

const describedBy = (schema: v.GenericSchema): string | undefined =>
  v.getDescription(schema as v.SchemaWithPipe<readonly [v.GenericSchema]>);

/** Returns the type of a field of a request. A seed may be a bigint of 64 bits, which the client writes as digits. */
const requestType = (name: string, schema: v.GenericSchema, indent: string): string =>
  name === "seed" ? `${typeOf(schema, indent)} | bigint` : typeOf(schema, indent);

function typeOf(schema: v.GenericSchema, indent: string): string {
  const name = NAMES.get(schema);
  if (name !== undefined) return name;
  const { type, wrapped, item, options, literal, entries, value } = schema as unknown as AnySchema;
  switch (type) {
    case "exact_optional":
      return typeOf(wrapped, indent);
    case "nullable":
      return `${typeOf(wrapped, indent)} | null`;
    case "array":
      return `readonly ${bracketed(typeOf(item, indent))}[]`;
    case "union":
      return unionOf(options as readonly v.GenericSchema[]);
    case "picklist":
      return options.map((option) => JSON.stringify(option)).join(" | ");
    case "literal":
      return JSON.stringify(literal);
    case "record":
      return `{ readonly [name: string]: ${typeOf(value, indent)} }`;
    case "strict_object":
      return objectOf(entries, indent);
    case "string":
      return isBase64(schema) ? "string | Uint8Array" : type;
    case "number":
    case "boolean":
    case "null":
    case "unknown":
      return type;
    default:
      throw new Error(`a schema of type "${type}" has no type here yet`);
  }
}

/** Returns true for a string in base64. The client takes the bytes too, and encodes them. */
const isBase64 = (schema: v.GenericSchema): boolean =>
  "pipe" in schema && (schema.pipe as readonly { readonly type: string }[]).some(({ type }) => type === "base64");

interface AnySchema {
  readonly type: string;
  readonly wrapped: v.GenericSchema;
  readonly item: v.GenericSchema;
  readonly options: readonly unknown[];
  readonly literal: unknown;
  readonly entries: Entries;
  readonly value: v.GenericSchema;
}

const unionOf = (options: readonly v.GenericSchema[]): string =>
  [...new Set(options.map((option) => typeOf(option, "")))].join(" | ");

const bracketed = (type: string): string => (/^[\w{]/.test(type) && !/ \| (?![^{]*\})/.test(type) ? type : `(${type})`);

function objectOf(entries: Entries, indent: string): string {
  const fields = Object.entries(entries).map(([name, schema]) => fieldOf(name, schema, `${indent}  `));
  return `{\n${fields.join("\n")}\n${indent}}`;
}

const comment = (text: string, indent = ""): string => `${indent}/** ${text} */\n`;

function withoutQueries(entries: Entries): Entries {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !(name in requests.queries)));
}
