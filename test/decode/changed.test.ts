import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import type { Limits } from "../../src/memory/plan.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { changedLogit } from "../fixtures/changed-cases.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { decodeLaw, totalVariation } from "../reference/decode.ts";
import { keptLaw } from "./kept-law.ts";

// Decoding under biases, bans and penalties, against the plain chain over the changed logits of all classes.

const N = 600;
const IDS = Array.from({ length: N }, (_, id) => id);
const every = (step: number, from = 0): number[] => IDS.filter((id) => id % step === from);

const CHANGES: readonly (readonly [name: string, options: ConditionOptions])[] = [
  ["a bias that makes another class the best", { bias: { ids: [5, 7, 300], values: [60, -3, 55] } }],
  ["bans", { bias: { ids: every(3), values: every(3).map(() => Number.NEGATIVE_INFINITY) } }],
  ["a repetition penalty", { history: [...every(4), ...every(8)], repetitionPenalty: 1.6 }],
  [
    "every change and a filter",
    {
      history: [...every(2), ...every(6)],
      ...{ repetitionPenalty: 1.2, presencePenalty: 0.5, frequencyPenalty: 0.4 },
      bias: { ids: every(5), values: every(5).map((id) => (id % 7) - 3) },
      exclude: every(9),
      allow: { bitmap: new Uint8Array(N / 8).fill(0b11101111) },
    },
  ],
  ["a change of all classes", { bias: { ids: IDS, values: IDS.map((id) => (id % 5) - 2) } }],
];

const CHAINS: readonly DecodeOptions[] = [
  { minP: 0.2 },
  { topK: 9 },
  { topK: 40, minP: 0.001, topP: 0.9, temperature: 0.8 },
  { minP: 1e-12, temperature: 3 },
  { topP: 0.9, certain: true },
  { topP: 0.8, minP: 1e-4, order: ["topP", "minP"], certain: true },
];

/** Heads that are scanned at once, and heads that bounds are used for. */
const KINDS: readonly (readonly [options: BuildOptions, limits: Partial<Limits>])[] = [
  [{}, {}],
  [{ bits: 4, rowType: "f32" }, { maxScan: 4 }],
  [{ bits: 2, fineCodes: true }, { maxScan: 4 }],
  [{ bits: 3, rowType: "f16", metric: "cosine" }, { maxScan: 4 }],
];

describe.each(CHANGES)("%s", (_, changes) => {
  test.each(KINDS)("%j %j: the law is that of the plain chain", async (build, limits) => {
    const { data, shape, bias, queries } = rawVectors(N, 8, 3);
    const file = await buildIndex({ data, shape }, { ...build, bias, seed: 1 });
    const one = await open(file, { ...limits, maxK: N, maxChanged: N });
    for (const query of queries) {
      const scores = one.index.score(query, IDS).map((score, id) => changedLogit(changes, score, id));
      for (const chain of CHAINS) {
        const { law, answer } = keptLaw(one, query, { ...changes, ...chain, seed: 8 }, N);
        const [least, most] = [decodeLaw(scores, chain, -1e-6), decodeLaw(scores, chain, 1e-6)];
        const what = JSON.stringify(chain);
        expect(law.ids, what).toEqual(most.ids.slice(0, law.ids.length));
        expect(law.ids.length, what).toBeGreaterThanOrEqual(least.ids.length);
        if (law.ids.length === most.ids.length) expect(totalVariation(law, most), what).toBeLessThan(1e-9);
        expect(answer, what).toMatchObject({ certain: true, kept: law.ids.length, score: scores[answer.id] });
      }
      const [best] = decodeLaw(scores, { temperature: 0 }).ids;
      expect(one.index.decode(query, { ...changes, temperature: 0 })).toMatchObject({ id: best, logProbability: 0 });
      const { id, logProbability } = one.index.decode(query, { ...changes, seed: 1, certain: true });
      const whole = decodeLaw(scores, {});
      const expected = Math.log(whole.probabilities[whole.ids.indexOf(id)] as number);
      expect(Math.abs(logProbability - expected)).toBeLessThan(1e-5 + 2 ** -20 * Math.abs(scores[id] as number));
    }
  });
});

test("each query of a batch has its own conditions, temperatures and greedy decoding among them", async () => {
  const { data, shape, queries } = rawVectors(N, 8, 3);
  const { index } = await open(await buildIndex({ data, shape }, { seed: 1 }), { maxChanged: N });
  const together = Float32Array.from(queries.flatMap((query) => Array.from(query)));
  const conditions: ConditionOptions[] = [
    { temperature: 0, exclude: [3] },
    { temperature: 0.5, bias: { ids: [1, 2], values: [40, 39] } },
    {},
  ];
  for (const chain of [{ topK: 5 }, { topP: 0.9, order: ["topP", "temperature"] }, {}] satisfies DecodeOptions[]) {
    const answers = index.decode(together, { ...chain, batch: 3, conditions, seed: 6 });
    const singles = queries.map((query, row) => index.decode(query, { ...chain, ...conditions[row], seed: 6 }));
    expect(answers).toEqual(singles);
    expect(answers[0]?.kept).toBe(1);
  }
  expect(index.decode([], { batch: 0, conditions: [] })).toEqual([]);
});

test("conditions of a query that cannot be are refused by their place", async () => {
  const { data, shape, queries } = rawVectors(N, 8, 3);
  const { index } = await open(await buildIndex({ data, shape }, { seed: 1 }));
  const [query] = queries as [Float32Array];
  const ask = (given: object) => () => index.decode(query, { batch: 1, ...given } as never);
  expect(ask({ conditions: [{ temperature: -1 }] })).toThrow(
    '"conditions[0].temperature" expected 0, or 2^-20 to 2^20',
  );
  expect(ask({ conditions: [{ topK: 3 }] })).toThrow('"topK" is not an option of conditions[0]');
  expect(ask({ conditions: [{}, {}] })).toThrow('"conditions" expected 1 of them');
  expect(ask({ conditions: [{}], temperature: 0 })).toThrow('"conditions" expected no "temperature" beside it');
  expect(ask({ batch: undefined, conditions: [{}] })).toThrow('"conditions" expected "batch" beside it');
  const banned = { bias: { ids: IDS.slice(0, 1), values: [Number.NEGATIVE_INFINITY] }, allow: [0] };
  expect(ask({ conditions: [banned] })).toThrow("expected to leave a class that the index has, got none");
  expect(() => index.decode(query, { presencePenalty: 1 })).toThrow('"presencePenalty" expected "history" beside it');
});
