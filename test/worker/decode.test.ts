import { beforeAll, describe, expect, it } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { DecodeOptions } from "../../src/public.ts";
import { libraryIndex, post, queryOf } from "./client.ts";

let index: MultiIndex;
let vectors: number[][];
beforeAll(async () => {
  index = await libraryIndex();
  vectors = [1, 2, 3].map((seed) => queryOf(index.info.dim, seed));
});

async function answerOf(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await post(path, body);
  expect(response.status).toBe(200);
  return response.json();
}

const query = (i: number): Float32Array => Float32Array.from(vectors[i] as number[]);

/** An answer of the library under the names of the service. */
function decoded(options: DecodeOptions, i = 0): object {
  const { id, score, logProbability, kept, certain, decided, undecided, standardError, top, scored, seed } =
    index.decode(query(i), options);
  return {
    ...{ id, score, logprob: logProbability, kept, certain, decided, undecided, standard_error: standardError },
    ...(top && {
      top: {
        ...{ ids: Array.from(top.ids), logprobs: Array.from(top.logProbabilities) },
        ...{ logprob: top.logProbability, standard_error: top.standardError },
      },
    }),
    ...{ scored, seed: String(seed) },
  };
}

const meta = () => ({ version: index.info.contentId.slice(0, 12), requestId: expect.any(String) });

describe("POST /v1/decode", () => {
  it.each<[fields: object, options: DecodeOptions]>([
    [{}, {}],
    [{ temperature: 0 }, { temperature: 0 }],
    [
      { min_p: 0.2, temperature: 0.7 },
      { minP: 0.2, temperature: 0.7 },
    ],
    [
      { top_k: 9, top_p: 0.8 },
      { topK: 9, topP: 0.8 },
    ],
    [
      { top_p: 0.8, target_error: 0.5 },
      { topP: 0.8, targetError: 0.5 },
    ],
    [
      { top_p: 0.8, certain: true, logprobs: 4 },
      { topP: 0.8, certain: true, topLogProbabilities: 4 },
    ],
    [
      { order: ["top_k", "top_p", "min_p", "temperature"], top_k: 20, top_p: 0.9, min_p: 0.1, temperature: 2 },
      { order: ["topK", "topP", "minP", "temperature"], topK: 20, topP: 0.9, minP: 0.1, temperature: 2 },
    ],
    [
      { history: [3, 3, 5], repetition_penalty: 1.3, presence_penalty: 0.2, frequency_penalty: 0.1 },
      { history: [3, 3, 5], repetitionPenalty: 1.3, presencePenalty: 0.2, frequencyPenalty: 0.1 },
    ],
    [
      { logit_bias: { 7: 4, 8: "-Infinity" }, exclude: [9], min_p: 0.3 },
      { bias: { ids: [7, 8], values: [4, Number.NEGATIVE_INFINITY] }, exclude: [9], minP: 0.3 },
    ],
    [
      { allowed_token_ids: [4, 5, 6], top_p: 0.5 },
      { allow: [4, 5, 6], topP: 0.5 },
    ],
  ])("with %j is the library's decode", async (fields, options) => {
    const answer = await answerOf("/v1/decode", { vector: vectors[0], seed: 3, ...fields });
    expect(answer).toEqual({ ...meta(), ...decoded({ ...options, seed: 3 }) });
  });

  it("gives each query of a batch its own conditions", async () => {
    const conditions = [{ temperature: 0 }, { history: [1, 1], frequency_penalty: 2 }, { allowed_token_ids: [17] }];
    const answer = await answerOf("/v1/decode", { vectors, conditions, top_p: 0.9, seed: 3 });
    const expected = [{ temperature: 0 }, { history: [1, 1], frequencyPenalty: 2 }, { allow: [17] }].map((own, i) =>
      decoded({ ...own, topP: 0.9, seed: 3 }, i),
    );
    expect(answer).toEqual({ ...meta(), results: expected });
  });
});

describe("changed logits", () => {
  const bias = { ids: [3, 9], values: [2, Number.NEGATIVE_INFINITY] };
  const options = { bias, history: [4, 4, 5], repetitionPenalty: 1.2, presencePenalty: 0.1, frequencyPenalty: 0.2 };
  const fields = { ...options, bias: { ids: bias.ids, values: [2, "-Infinity"] } };
  const rest = { scan: 32, seed: 3 };

  it.each<[path: string, needed: object, library: (own: object, i: number) => object]>([
    ["/v1/predict", { k: 7 }, (own, i) => index.predict(query(i), 7, { ...rest, ...own })],
    ["/v1/sample", { draws: 7 }, (own, i) => index.sample(query(i), 7, { ...rest, ...own })],
    ["/v1/sample-top-k", { k: 7 }, (own, i) => index.sampleTopK(query(i), 7, { ...rest, ...own })],
    ["/v1/log-partition", {}, (own, i) => index.logPartition(query(i), { ...rest, ...own })],
    ["/v1/log-probability", { ids: [4, 9] }, (own, i) => index.logProbability(query(i), [4, 9], { ...rest, ...own })],
  ])("at %s are the library's, for all queries and for each", async (path, needed, library) => {
    const written = (answer: object): object =>
      JSON.parse(
        JSON.stringify(answer, (_, value) => {
          if (typeof value === "bigint") return String(value);
          return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
        }),
      );
    const all = await answerOf(path, { vectors, ...needed, ...rest, ...fields });
    expect(all.results).toMatchObject(vectors.map((_, i) => written(library(options, i))));
    const conditions = [fields, {}, { temperature: 0.5, exclude: [4] }];
    const each = await answerOf(path, { vectors, ...needed, ...rest, conditions });
    expect(each.results).toMatchObject(
      [options, {}, { temperature: 0.5, exclude: [4] }].map((own, i) => written(library(own, i))),
    );
    expect(each.results).not.toEqual(all.results);
  });
});
