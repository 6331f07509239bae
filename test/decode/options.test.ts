import { describe, expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

const [N, DIM] = [60, 4];
const { data, shape, queries } = rawVectors(N, DIM, 9);
const [query] = queries as [Float32Array];
const { index } = await open(await buildIndex({ data, shape }), { maxK: 5 });

const any = (value: unknown): never => value as never;

describe("decode refuses", () => {
  test.each<readonly [options: object, message: string]>([
    [{ topK: -1 }, '"topK" expected 0 or more, got -1'],
    [{ topK: 1.5 }, '"topK" expected an integer, got 1.5'],
    [{ topK: Number.NaN }, '"topK" expected an integer, got NaN'],
    [{ topK: 6 }, '"topK" expected at most 5 (maxK), got 6; load(file, { maxK: 6 }) allows it'],
    [{ topP: 0 }, '"topP" expected more than 0, at most 1, got 0'],
    [{ topP: 1.01 }, '"topP" expected 0 to 1, got 1.01'],
    [{ topP: Number.NaN }, '"topP" expected 0 to 1, got NaN'],
    [{ topP: "0.9" }, '"topP" expected a number, got "0.9"'],
    [{ minP: -0.1 }, '"minP" expected 0 to 1, got -0.1'],
    [{ minP: Number.NaN }, '"minP" expected 0 to 1, got NaN'],
    [{ temperature: -1 }, '"temperature" expected 0, or 2^-20 to 2^20 (about 1e-6 to 1e6), got -1'],
    [{ temperature: 1e-9 }, '"temperature" expected 0, or 2^-20 to 2^20 (about 1e-6 to 1e6), got 1e-9'],
    [{ temperature: Number.NaN }, '"temperature" expected 0, or 2^-20 to 2^20 (about 1e-6 to 1e6), got NaN'],
    [
      { temperature: 2 ** 21, topK: 3, order: ["topK", "temperature"] },
      "expected 0, or 2^-20 to 2^20 (about 1e-6 to 1e6), got 2097152",
    ],
    [{ topP: 0.9, targetError: -1 }, '"targetError" expected 0 to Infinity, got -1'],
    [
      { topP: 0.9, certain: true, targetError: 0.1 },
      '"certain" expected no "targetError" beside it, got targetError: 0.1; leave one of them out',
    ],
    [{ targetError: 0.1 }, '"targetError" expected "topP" as the first truncation, got none; leave it out'],
    [
      { minP: 0.1, topP: 0.9, targetError: 0.1 },
      '"targetError" expected "topP" as the first truncation, got "minP"; leave it out',
    ],
    [
      { topK: 4, topP: 0.9, targetError: 0.1, order: ["minP", "topK", "topP"] },
      '"targetError" expected "topP" as the first truncation, got "topK"; leave it out',
    ],
    [{ certain: 1 }, '"certain" expected true or false, got 1'],
    [{ maxRanked: -1 }, '"maxRanked" expected 0 or more, got -1'],
    [{ maxRanked: 2.5 }, '"maxRanked" expected an integer, got 2.5'],
    [{ topLogProbabilities: 6 }, '"topLogProbabilities" expected at most 5 (maxK), got 6'],
    [{ seed: 0.5 }, '"seed" expected an integer or a bigint, got 0.5'],
    [{ order: "topK" }, '"order" expected an array of steps, got string'],
    [{ order: ["topK", "topk"] }, '"order"[1] expected temperature, minP, topK, topP, each of them once, got "topk"'],
    [{ order: ["topK", "topK"] }, '"order"[1] expected temperature, minP, topK, topP, each of them once, got "topK"'],
    [{ order: ["topK"], minP: 0.1 }, '"order" expected "minP" in it, which is given, got [topK]'],
    [
      { allow: [] },
      '"allow", "exclude", "filter", "namespace" and "bias" expected to leave a class that the index has, got none',
    ],
    [
      { topP: 0.9, exclude: Array.from({ length: N }, (_, id) => id) },
      "expected to leave a class that the index has, got none",
    ],
    [{ scan: 5 }, '"scan" is not an option of decode: it takes topK, topP, minP, order'],
    [
      { allow: new Uint8Array(Math.ceil(N / 8)) },
      '"allow" expected { bitmap } or an array of integers, got a Uint8Array',
    ],
    [{ logitBias: {} }, '"logitBias" is not an option of decode: it is called "bias" here'],
    [{ logit_bias: {} }, '"logit_bias" is not an option of decode: it is called "bias" here'],
    [{ top_logprobs: 5 }, '"top_logprobs" is not an option of decode: it is called "topLogProbabilities" here'],
    [{ min_tokens: 3 }, '"min_tokens" is not an option of decode: decode draws one class, and the caller ends'],
    [{ bestOf: 2 }, '"bestOf" is not an option of decode: call decode once for each sequence'],
    [{ typical_p: 0.9 }, '"typical_p" is not an option of decode: use "minP" or "topP"'],
    [{ no_repeat_ngram_size: 3 }, '"no_repeat_ngram_size" is not an option of decode: use "exclude"'],
    [{ typicalP: 0.9 }, '"typicalP" is not an option of decode: use "minP" or "topP"'],
    [{ mirostat: 2 }, '"mirostat" is not an option of decode: use "temperature" with "topP"'],
    [{ badWords: ["x"] }, '"badWords" is not an option of decode: use "exclude"'],
    [{ topp: 0.9 }, '"topp" is not an option of decode: did you mean "topP"?'],
  ])("%j", (options, message) => {
    expect(() => index.decode(query, any(options))).toThrow(message);
    expect(index.decode(query, { topK: 1, seed: 1 }).kept).toBe(1);
  });

  test("options that are null", () => {
    expect(() => index.decode(query, any(null))).toThrow('"options" expected an object, got null');
  });

  test("the bits of float16 as numbers", () => {
    expect(() => index.decode(any(new Uint16Array(DIM)))).toThrow(
      '"query" expected a Float32Array or an array of numbers, got a Uint16Array: bits of float16',
    );
  });

  test("an index that holds no class for topK", async () => {
    const none = await open(await buildIndex({ data, shape }), { maxK: 0 });
    expect(() => none.index.decode(query)).toThrow('"topK" expected at most 0 (maxK), got 1');
  });
});

test("topK of all classes or more keeps all, whatever the limit of k is", () => {
  const answer = index.decode(query, { seed: 4 });
  expect(answer).toMatchObject({ kept: N, certain: true, decided: "exact" });
  for (const topK of [0, N, 10 * N]) expect(index.decode(query, { topK, topP: 1, minP: 0, seed: 4 })).toEqual(answer);
});

test.each([
  { topP: 1 },
  { topP: 0.9, topK: 0, minP: 0 },
  { topP: 0.9, topK: N },
  { topP: 0.9, temperature: 0 },
  { topP: 0.9, certain: false },
  { topP: 0.9, minP: 0.1, order: ["topP", "minP"] as const },
])("targetError is accepted beside %j, as topP is there and comes first", (chain) => {
  expect(index.decode(query, { ...chain, targetError: 0.05, seed: 4 })).toEqual(
    index.decode(query, { ...chain, seed: 4 }),
  );
});

test("an order that has no temperature has it first, and steps that are not given change nothing", () => {
  const options = { temperature: 0.3, topP: 0.6, topK: 4, seed: 1 } as const;
  const answer = index.decode(query, options);
  for (const order of [
    ["topK", "topP"],
    ["temperature", "topK", "topP"],
    ["topK", "minP", "topP"],
  ] as const) {
    expect(index.decode(query, { ...options, order })).toEqual(answer);
  }
});

test.each([{ topP: 0.9 }, { minP: 0.001, temperature: 100 }, { topP: 0.9, certain: true, temperature: 100 }])(
  "maxRanked refuses a query of %j that ranks more classes, with their number, and changes no other answer",
  (chain) => {
    const answer = index.decode(query, { ...chain, seed: 4 });
    expect(answer.kept).toBeGreaterThan(2);
    let needed = 0;
    try {
      index.decode(query, { ...chain, maxRanked: answer.kept - 1, seed: 4 });
    } catch (error) {
      needed = Number(
        /^"maxRanked" expected at least (\d+), .* got \d+: give a larger "minP"/.exec(
          String((error as Error).message),
        )?.[1],
      );
    }
    expect(needed).toBeGreaterThanOrEqual(answer.kept);
    expect(index.decode(query, { ...chain, maxRanked: needed, seed: 4 })).toEqual(answer);
    expect(() => index.decode(query, { ...chain, maxRanked: needed - 1, seed: 4 })).toThrow(RangeError);
  },
);
