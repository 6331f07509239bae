import type { GenericSchema, InferInput, InferOutput } from "valibot";
import { describe, expectTypeOf, test } from "vitest";
import type * as answers from "../worker/contract/answers.ts";
import type * as requests from "../worker/contract/requests.ts";
import type { vectorizeResult } from "../worker/contract/vectorize-answers.ts";
import type * as wire from "../worker/contract/wire.ts";
import type { QueryFields } from "../worker/request/queries.ts";

// tsc runs these: what fails is the type check.

type ReadonlyOf<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyOf<T[Key]> } : T;

/** What JSON.stringify and the schema make of options: a bigint is text, and elements are looked at by loops. */
type Sent<T> = {
  readonly [Key in keyof T]: Exclude<T[Key], undefined> extends readonly wire.ClassName[]
    ? readonly unknown[] | Extract<T[Key], undefined>
    : Exclude<T[Key], bigint>;
};

type Input<Schema extends GenericSchema> = ReadonlyOf<Omit<InferInput<Schema>, keyof QueryFields>>;
type Output<Schema extends GenericSchema> = ReadonlyOf<InferOutput<Schema>>;

describe("the types of midx/client are those of the schemas", () => {
  test("for the options of questions", () => {
    expectTypeOf<Sent<wire.PredictOptions>>().toEqualTypeOf<Input<typeof requests.predictSchema>>();
    expectTypeOf<Sent<wire.LogprobOptions>>().toEqualTypeOf<Input<typeof requests.logprobSchema>>();
    expectTypeOf<Sent<wire.LogzOptions>>().toEqualTypeOf<Input<typeof requests.logzSchema>>();
    expectTypeOf<Sent<wire.SampleOptions>>().toEqualTypeOf<Input<typeof requests.sampleSchema>>();
    expectTypeOf<Sent<wire.SampleTopOptions>>().toEqualTypeOf<Input<typeof requests.sampleTopSchema>>();
    expectTypeOf<wire.QueryOptions>().toEqualTypeOf<
      Omit<Input<typeof requests.vectorizeSchema>, "vectorId" | "filter" | "namespace">
    >();
  });

  test("for answers", () => {
    expectTypeOf<ReadonlyOf<wire.PredictAnswer>>().toEqualTypeOf<Output<typeof answers.predictAnswer>>();
    expectTypeOf<ReadonlyOf<wire.LogprobAnswer>>().toEqualTypeOf<Output<typeof answers.logprobAnswer>>();
    expectTypeOf<ReadonlyOf<wire.LogzAnswer>>().toEqualTypeOf<Output<typeof answers.logzAnswer>>();
    expectTypeOf<ReadonlyOf<wire.DrawsAnswer>>().toEqualTypeOf<Output<typeof answers.drawsAnswer>>();
    expectTypeOf<ReadonlyOf<wire.ExactDrawsAnswer>>().toEqualTypeOf<Output<typeof answers.exactDrawsAnswer>>();
    expectTypeOf<ReadonlyOf<wire.SampleTopAnswer>>().toEqualTypeOf<Output<typeof answers.sampleTopAnswer>>();
    expectTypeOf<ReadonlyOf<wire.QueryAnswer>>().toEqualTypeOf<Output<typeof vectorizeResult>>();
    expectTypeOf<ReadonlyOf<wire.InfoAnswer>>().toEqualTypeOf<Output<typeof answers.infoAnswer>>();
    expectTypeOf<ReadonlyOf<wire.ReadyAnswer>>().toEqualTypeOf<Output<typeof answers.readyAnswer>>();
  });

  test("for one answer and for several", () => {
    expectTypeOf<ReadonlyOf<wire.Said & wire.LogzAnswer>>().toEqualTypeOf<
      ReadonlyOf<InferOutput<ReturnType<typeof answers.singleOf<(typeof answers.logzAnswer)["entries"]>>>>
    >();
    expectTypeOf<ReadonlyOf<wire.Several<wire.LogzAnswer>>>().toEqualTypeOf<
      ReadonlyOf<InferOutput<ReturnType<typeof answers.severalOf<(typeof answers.logzAnswer)["entries"]>>>>
    >();
  });
});
