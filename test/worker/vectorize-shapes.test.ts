import type { InferInput } from "valibot";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type {
  VectorizeBinding,
  VectorizeBindingMatch,
  VectorizeBindingVector,
} from "../../worker/client/vectorize-binding.ts";
import type { vectorizeSchema } from "../../worker/contract/requests.ts";
import type { VectorizeAnswer } from "../../worker/contract/wire.ts";
import { libraryIndex, post, queryOf } from "./client.ts";

type Fields = InferInput<typeof vectorizeSchema>;

/** The answers of Cloudflare's REST API as Cloudflare documents them. */
interface RestAnswer {
  readonly result: VectorizeMatches | null;
  readonly success: boolean;
  readonly errors: readonly RestMessage[];
  readonly messages: readonly RestMessage[];
}

interface RestMessage {
  /** Codes start at 1,000. */
  readonly code: number;
  readonly message: string;
}

const PATH = "/client/v4/accounts/023e105f4ecef8ad9ca31a8372d0c353/vectorize/v2/indexes/example-index/query";

let index: MultiIndex;
let vector: number[];
beforeAll(async () => {
  index = await libraryIndex();
  vector = queryOf(index.info.dim, 4);
});

/** Sends the arguments that a Worker would give to `query` of a Vectorize binding. */
async function query(options?: VectorizeQueryOptions): Promise<{ status: number; answer: RestAnswer }> {
  const response = await post(PATH, { vector, ...options });
  return { status: response.status, answer: await response.json<RestAnswer>() };
}

describe("the types of Cloudflare's Vectorize", () => {
  test("take the client that has the binding's shape", () => {
    expectTypeOf<VectorizeBinding>().toExtend<Vectorize>();
    expectTypeOf<VectorizeBinding>().toExtend<VectorizeIndex>();
  });

  test("of midx/client have all metadata that midx/live keeps and Vectorize does not: null, lists, objects in objects", () => {
    type Kept = { price: number; sold: null; sizes: number[]; shop: { city: { name: string } } };
    type Answered = VectorizeAnswer["matches"][number];
    expectTypeOf<Kept>().toExtend<NonNullable<Answered["metadata"]>>();
    expectTypeOf<Kept>().toExtend<NonNullable<VectorizeBindingMatch["metadata"]>>();
    expectTypeOf<Kept>().toExtend<VectorizeBindingVector["metadata"]>();
  });

  test("have the options that requests know, and no other", () => {
    expectTypeOf<Exclude<keyof Fields, "vector" | "vectorId">>().toEqualTypeOf<keyof VectorizeQueryOptions>();
    expectTypeOf<Omit<Fields, "vector" | "vectorId">>().toExtend<VectorizeQueryOptions>();
  });
});

describe("a query by Vectorize's types", () => {
  test.each<[VectorizeQueryOptions | undefined, number]>([
    [undefined, 5],
    [{}, 5],
    [{ topK: 1 }, 1],
    [{ topK: 100 }, 100],
    [{ returnValues: false }, 5],
    [{ returnValues: true }, 5],
    [{ returnMetadata: false }, 5],
    [{ returnMetadata: true }, 5],
    [{ returnMetadata: "none" }, 5],
    [{ returnMetadata: "indexed" }, 5],
    [{ returnMetadata: "all" }, 5],
    [{ filter: {} }, 5],
    [{ topK: 7, returnValues: false, returnMetadata: "none" }, 7],
    [{ topK: 50, returnValues: true, returnMetadata: "all" }, 50],
  ])("with %j is answered as Cloudflare documents", async (options, count) => {
    const { status, answer } = await query(options);
    expect(status).toBe(200);
    expect(answer).toEqual({ result: expect.any(Object), success: true, errors: [], messages: [] });
    const { matches, ...result } = answer.result as VectorizeMatches;
    expect(result).toEqual({ count });
    const { returnValues, returnMetadata = "none" } = options ?? {};
    expect(matches).toEqual(
      Array.from(index.topK(vector, count).ids, (id) => ({
        ...({ id: String(id), score: expect.any(Number) } satisfies VectorizeMatch),
        ...(returnValues && { values: Array.from(index.rows([id])) }),
        ...(returnMetadata !== false && returnMetadata !== "none" && { metadata: {} }),
      })),
    );
    const scores = matches.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  test.each<[VectorizeQueryOptions, keyof VectorizeQueryOptions]>([
    [{ namespace: "text" }, "namespace"],
    [{ filter: { streaming_platform: "netflix" } }, "filter"],
    [{ topK: 5, filter: { has_viewed: { $ne: true }, streaming_platform: { $in: ["netflix"] } } }, "filter"],
    [{ returnMetadata: "every" as never }, "returnMetadata"],
  ])("with %j, which an index has not, is refused by name as Cloudflare refuses", async (options, name) => {
    const { status, answer } = await query(options);
    expect(status).toBe(400);
    const message = expect.stringMatching(`^"${name}.* \\(invalid_field\\)$`);
    expect(answer).toEqual({ result: null, success: false, errors: [{ code: 40001, message }], messages: [] });
  });
});
