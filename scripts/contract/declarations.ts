// The types of worker/contract/wire.ts written out, with what each field means, for dist/client.d.ts: who asks a service has
// no valibot. test/openapi/declarations.test.ts holds them to the types that tsc infers from the schemas.
import * as v from "valibot";
import * as answers from "../../worker/contract/answers.ts";
import { bag, className, FIELDS, type Meaning } from "../../worker/contract/fields.ts";
import * as requests from "../../worker/contract/requests.ts";
import { vectorizeMatch, vectorizeResult } from "../../worker/contract/vectorize-answers.ts";
import { limitsOf } from "./limits.ts";

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** An interface: its fields are those of the schemas that no interface which it extends has. */
interface Declaration {
  readonly says?: string;
  readonly extends?: readonly string[];
  readonly entries: Entries;
}

const { vectorId: _, filter: __, namespace: ___, vector: ____, ...query } = requests.vectorizeSchema.entries;
const { ids, labels, scores } = answers.predictAnswer.entries;

/** Before those that extend them. */
const DECLARATIONS: Readonly<Record<string, Declaration>> = {
  Bag: { says: "A query that the service makes of features, by id or by name.", entries: bag.entries },
  RequestOptions: {
    says: "The distribution that a question is about, and how it is drawn from.",
    entries: withoutQueries(requests.question),
  },
  EstimateOptions: { extends: ["RequestOptions"], entries: withoutQueries(requests.estimate) },
  PredictOptions: { extends: ["EstimateOptions"], entries: withoutQueries(requests.predictSchema.entries) },
  LogProbabilityOptions: {
    extends: ["EstimateOptions"],
    entries: withoutQueries(requests.logProbabilitySchema.entries),
  },
  LogPartitionOptions: { extends: ["EstimateOptions"], entries: withoutQueries(requests.logPartitionSchema.entries) },
  SampleOptions: { extends: ["RequestOptions"], entries: withoutQueries(requests.sampleSchema.entries) },
  SampleTopKOptions: { extends: ["RequestOptions"], entries: withoutQueries(requests.sampleTopKSchema.entries) },
  VectorizeOptions: { says: "Options of Vectorize's query.", entries: query },
  ResponseMeta: { says: "What stands before every answer.", entries: answers.said },
  Choice: { says: 'What `scan: "auto"` took, and what it went by.', entries: answers.choice.entries },
  EstimatedAnswer: { says: "What every estimate says of itself.", entries: answers.estimated },
  Classes: {
    says: "Classes by their ids and, where the index has labels, by these.",
    entries: { ids, labels, scores },
  },
  PredictAnswer: { extends: ["Classes", "EstimatedAnswer"], entries: answers.predictAnswer.entries },
  LogProbabilityAnswer: { extends: ["EstimatedAnswer"], entries: answers.logProbabilityAnswer.entries },
  LogPartitionAnswer: { extends: ["EstimatedAnswer"], entries: answers.logPartitionAnswer.entries },
  ExactDrawsAnswer: {
    says: "Draws from the softmax itself.",
    extends: ["Classes"],
    entries: answers.exactDrawsAnswer.entries,
  },
  DrawsAnswer: { extends: ["ExactDrawsAnswer"], entries: answers.drawsAnswer.entries },
  SampleTopKAnswer: { extends: ["Classes"], entries: answers.sampleTopKAnswer.entries },
  VectorizeMatch: { entries: vectorizeMatch.entries },
  VectorizeAnswer: { says: "Vectorize's matches.", entries: vectorizeResult.entries },
  InfoAnswer: {
    says: "The index that is served: `info` of the library, and its version.",
    entries: answers.infoAnswer.entries,
  },
  ReadyAnswer: { entries: answers.readyAnswer.entries },
};

/** Schemas that have a name where they are used. */
const NAMES = new Map<v.GenericSchema, string>([
  [answers.choice, "Choice"],
  [className, "ClassName"],
  [vectorizeMatch, "VectorizeMatch"],
]);

/** Of the fields of requests. */
const MEANINGS: Readonly<Record<string, Meaning>> = FIELDS;

/** worker/contract/wire.d.ts. */
export function wireDeclarations(): string {
  return [
    `${comment("A class: its id, or its label where the index has labels.")}export type ClassName = ${unionOf(className.options)};`,
    ...Object.entries(DECLARATIONS).map(([name, declaration]) => interfaceOf(name, declaration)),
    `${comment("The answers to several queries, in their order.")}export interface BatchAnswer<Answer> extends ResponseMeta {\n  readonly results: readonly Answer[];\n}`,
    "export {};\n",
  ].join("\n\n");
}

function interfaceOf(name: string, { says, extends: bases = [], entries }: Declaration): string {
  const inherited = bases.flatMap((base) => Object.keys(allEntries(base)));
  const own = Object.entries(entries).filter(([field]) => !inherited.includes(field));
  const heritage = bases.length > 0 ? ` extends ${bases.join(", ")}` : "";
  const meanings = isRequest(name) ? MEANINGS : {};
  const fields = own.map(([field, schema]) => fieldOf(field, schema, "  ", meanings[field])).join("\n");
  return `${says ? comment(says) : ""}${name === "Classes" ? "" : "export "}interface ${name}${heritage} {\n${fields}\n}`;
}

const isRequest = (name: string): boolean => name === "Bag" || name.endsWith("Options");

const allEntries = (name: string): Entries => (DECLARATIONS[name] as Declaration).entries;

/** `meaning` is that of a field of a request; answers have theirs in their schemas. */
function fieldOf(name: string, schema: v.GenericSchema, indent: string, meaning?: Meaning): string {
  const isOptional = schema.type === "exact_optional";
  const held = isOptional ? (schema as unknown as { wrapped: v.GenericSchema }).wrapped : schema;
  const says = meaning ? [meaning.description, limitsOf(name, schema)].filter(Boolean).join(" ") : describedBy(held);
  const type = meaning ? requestType(name, meaning.holds ?? held, indent) : typeOf(held, indent);
  return `${says ? comment(says, indent) : ""}${indent}readonly ${name}${isOptional ? "?" : ""}: ${type};`;
}

const describedBy = (schema: v.GenericSchema): string | undefined =>
  v.getDescription(schema as v.SchemaWithPipe<readonly [v.GenericSchema]>);

/** A seed of 64 bits may be a bigint: the client writes its digits. */
const requestType = (name: string, schema: v.GenericSchema, indent: string): string =>
  name === "seed" ? `${typeOf(schema, indent)} | bigint` : typeOf(schema, indent);

function typeOf(schema: v.GenericSchema, indent: string): string {
  const name = NAMES.get(schema);
  if (name !== undefined) return name;
  const { type, wrapped, item, options, literal, entries } = schema as unknown as AnySchema;
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
    case "strict_object":
      return objectOf(entries, indent);
    case "number":
    case "string":
    case "boolean":
      return type;
    default:
      throw new Error(`a schema of type "${type}" has no type here yet`);
  }
}

interface AnySchema {
  readonly type: string;
  readonly wrapped: v.GenericSchema;
  readonly item: v.GenericSchema;
  readonly options: readonly unknown[];
  readonly literal: unknown;
  readonly entries: Entries;
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
