import type { GenericSchema, InferInput, InferOutput, ObjectEntries, StrictObjectSchema } from "valibot";
import type * as answers from "./answers.ts";
import type * as conditions from "./condition-fields.ts";
import type * as fields from "./fields.ts";
import type * as live from "./live-answers.ts";
import type * as requests from "./requests.ts";
import type * as router from "./router-answers.ts";

// The types of requests and answers over HTTP, inferred from their schemas. Numbers that JSON lacks are null.
// scripts/contract/declarations.ts writes them out for dist/client.d.ts with the description of each field, so that callers
// need no valibot.

/** The client takes the bytes of a bitmap too, and encodes them. */
type ReadonlyOf<T> = T extends { bitmap: string }
  ? { readonly bitmap: string | Uint8Array }
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyOf<T[Key]> }
    : T;
type Out<Schema extends GenericSchema> = ReadonlyOf<InferOutput<Schema>>;
type ObjectOf<Entries extends ObjectEntries> = StrictObjectSchema<Entries, undefined>;

type Fields = typeof fields.FIELDS;
/** Adds the element types of lists, and bigint seeds, which the client writes as digits. */
type Value<Name, Given> = Name extends "seed"
  ? Given | bigint
  : Name extends keyof Fields
    ? Fields[Name] extends { readonly value: infer List extends GenericSchema }
      ? ReadonlyOf<InferInput<List>>
      : Given
    : Given;
/** The fields of a request without its queries. */
type Options<Schema extends GenericSchema> =
  InferInput<Schema> extends infer Given
    ? {
        readonly [Name in keyof Omit<Given, keyof typeof requests.queries>]: Value<Name, Given[Name & keyof Given]>;
      }
    : never;

export type ClassName = InferInput<typeof conditions.className>;
export type QueryConditions = ReadonlyOf<InferInput<typeof conditions.queryConditions>>;
export type DecodeConditions = ReadonlyOf<InferInput<typeof conditions.decodeConditions>>;
export type Bag = ReadonlyOf<InferInput<typeof fields.bag>>;

export type RequestOptions = Options<ObjectOf<typeof requests.common>>;
export type EstimateOptions = Options<ObjectOf<typeof requests.estimate>>;
export type PredictOptions = Options<typeof requests.predictSchema>;
export type LogProbabilityOptions = Options<typeof requests.logProbabilitySchema>;
export type LogPartitionOptions = Options<typeof requests.logPartitionSchema>;
export type SampleOptions = Options<typeof requests.sampleSchema>;
export type SampleTopKOptions = Options<typeof requests.sampleTopKSchema>;
export type DecodeOptions = Omit<Options<typeof requests.decodeSchema>, "conditions"> & {
  readonly conditions?: readonly DecodeConditions[];
};
export type SlateLogProbabilityOptions = Options<typeof requests.slateLogProbabilitySchema>;
export type VectorizeOptions = Omit<Options<typeof requests.vectorizeSchema>, "vectorId">;

export type ResponseMeta = Out<ObjectOf<typeof answers.responseMeta>>;
export type BatchAnswer<Answer> = ResponseMeta & { readonly results: readonly Answer[] };
export type Choice = Out<typeof answers.choice>;
export type EstimatedAnswer = Out<ObjectOf<typeof answers.estimated>>;
export type PredictAnswer = Out<typeof answers.predictAnswer>;
export type LogProbabilityAnswer = Out<typeof answers.logProbabilityAnswer>;
export type LogPartitionAnswer = Out<typeof answers.logPartitionAnswer>;
export type ExactDrawsAnswer = Out<typeof answers.exactDrawsAnswer>;
export type DrawsAnswer = Out<typeof answers.drawsAnswer>;
export type SampleTopKAnswer = Out<typeof answers.sampleTopKAnswer>;
export type DecodeTop = Out<typeof answers.decodeTop>;
export type DecodeAnswer = Out<typeof answers.decodeAnswer>;
export type SlateLogProbabilityAnswer = Out<typeof answers.slateLogProbabilityAnswer>;
/** The metadata that a service which takes changes keeps are any JSON. Those of other services are values in columns. */
export type VectorizeMatch = Out<typeof live.liveVectorizeMatch>;
export type VectorizeAnswer = Out<typeof live.liveVectorizeResult>;
export type InfoAnswer = Out<typeof answers.infoAnswer>;
export type ReadyAnswer = Out<typeof answers.readyAnswer>;
export type Coverage = Out<typeof router.coverage>;
export type CoveredAnswer = Out<ObjectOf<typeof router.covered>>;
export type PredictOfSomeAnswer = Out<typeof router.predictOfSomeAnswer>;
export type LogPartitionOfSomeAnswer = Out<typeof router.logPartitionOfSomeAnswer>;
export type RoutedAnswer = Out<ObjectOf<typeof router.routed>>;
