import type { InferInput, InferOutput } from "valibot";
import { describe, expectTypeOf, test } from "vitest";
import type * as answers from "../worker/openapi/answers.ts";
import type * as requests from "../worker/schemas.ts";
import type * as wire from "../worker/wire.ts";

// tsc runs these: what fails is the type check.

type ReadonlyOf<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyOf<T[Key]> } : T;

/** What JSON.stringify and the schema make of options: a bigint is text, and elements are looked at by loops. */
type Sent<T> = {
  readonly [Key in keyof T]: Exclude<T[Key], undefined> extends readonly wire.ClassName[]
    ? readonly unknown[] | Extract<T[Key], undefined>
    : Exclude<T[Key], bigint>;
};

type Input<Schema extends keyof typeof requests> = ReadonlyOf<
  Omit<InferInput<Extract<(typeof requests)[Schema], { type: "strict_object" }>>, "vector" | "vectors">
>;
type Output<Schema extends keyof typeof answers> = ReadonlyOf<
  InferOutput<Extract<(typeof answers)[Schema], { type: "strict_object" }>>
>;

describe("the types of midx/client are those of the schemas", () => {
  test("for the options of questions", () => {
    expectTypeOf<Sent<wire.PredictOptions>>().toEqualTypeOf<Input<"predictSchema">>();
    expectTypeOf<Sent<wire.LogprobOptions>>().toEqualTypeOf<Input<"logprobSchema">>();
    expectTypeOf<Sent<wire.LogzOptions>>().toEqualTypeOf<Input<"logzSchema">>();
    expectTypeOf<Sent<wire.SampleOptions>>().toEqualTypeOf<Input<"sampleSchema">>();
    expectTypeOf<Sent<wire.SampleTopOptions>>().toEqualTypeOf<Input<"sampleTopSchema">>();
    expectTypeOf<wire.QueryOptions>().toEqualTypeOf<Omit<Input<"vectorizeSchema">, "filter" | "namespace">>();
  });

  test("for answers", () => {
    expectTypeOf<ReadonlyOf<wire.PredictAnswer>>().toEqualTypeOf<Output<"predictAnswer">>();
    expectTypeOf<ReadonlyOf<wire.LogprobAnswer>>().toEqualTypeOf<Output<"logprobAnswer">>();
    expectTypeOf<ReadonlyOf<wire.LogzAnswer>>().toEqualTypeOf<Output<"logzAnswer">>();
    expectTypeOf<ReadonlyOf<wire.DrawsAnswer>>().toEqualTypeOf<Output<"drawsAnswer">>();
    expectTypeOf<ReadonlyOf<wire.ExactDrawsAnswer>>().toEqualTypeOf<Output<"exactDrawsAnswer">>();
    expectTypeOf<ReadonlyOf<wire.SampleTopAnswer>>().toEqualTypeOf<Output<"sampleTopAnswer">>();
    expectTypeOf<ReadonlyOf<wire.QueryAnswer>>().toEqualTypeOf<Output<"vectorizeResult">>();
    expectTypeOf<ReadonlyOf<wire.InfoAnswer>>().toEqualTypeOf<Output<"infoAnswer">>();
    expectTypeOf<ReadonlyOf<wire.ReadyAnswer>>().toEqualTypeOf<Output<"readyAnswer">>();
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
