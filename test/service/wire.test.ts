import type { InferOutput } from "valibot";
import { expectTypeOf, test } from "vitest";
import type { IndexInfo } from "../../src/index/info.ts";
import type * as answers from "../../worker/contract/answers.ts";
import type * as wire from "../../worker/contract/wire.ts";

// These tests fail in the type check of tsc. test/openapi/declarations.test.ts checks the declarations of midx/client.

type ReadonlyOf<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyOf<T[Key]> } : T;
type LogPartitionEntries = (typeof answers.logPartitionAnswer)["entries"];

test("info over HTTP is the library's, with the version and the last change", () => {
  expectTypeOf<wire.InfoAnswer>().toEqualTypeOf<ReadonlyOf<IndexInfo & { version: string; mutation?: number }>>();
});

test("one answer and several have before them what the schemas say", () => {
  expectTypeOf<ReadonlyOf<wire.ResponseMeta & wire.LogPartitionAnswer>>().toEqualTypeOf<
    ReadonlyOf<InferOutput<ReturnType<typeof answers.singleAnswerOf<LogPartitionEntries>>>>
  >();
  expectTypeOf<ReadonlyOf<wire.BatchAnswer<wire.LogPartitionAnswer>>>().toEqualTypeOf<
    ReadonlyOf<InferOutput<ReturnType<typeof answers.batchAnswerOf<LogPartitionEntries>>>>
  >();
});
