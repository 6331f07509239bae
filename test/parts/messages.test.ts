import { describe, expect, test } from "vitest";
import { decodeAnswer, encodeAnswer } from "../../src/parts/answer-message.ts";
import type { Part } from "../../src/parts/part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { PartialAnswer } from "../../src/parts/partial-answer.ts";
import type { Question } from "../../src/parts/question.ts";
import { decodeQuestion, encodeQuestion } from "../../src/parts/question-message.ts";
import { consecutive, inParts, type Table } from "./split.ts";
import { queries, TABLES } from "./tables.ts";

const [query] = queries as [Float32Array];
const NO_IDS = new Int32Array(0);

const QUESTIONS: readonly Question[] = [
  { call: "topK", query, size: 10, ids: NO_IDS, options: { exact: true } },
  { call: "topK", query, size: 10, ids: NO_IDS, options: { scan: 100, rescore: 12, temperature: 0.5 } },
  { call: "predict", query, size: 3, ids: NO_IDS, options: { scan: "auto", targetError: 0.1, draws: 20, seed: 7n } },
  { call: "predict", query, size: 3, ids: NO_IDS, options: { scan: 8, draws: 20, seed: 2n ** 64n - 1n } },
  { call: "logPartition", query, size: 0, ids: NO_IDS, options: { scan: 8, draws: 20, tolerance: 1, seed: 1n } },
  {
    call: "logProbability",
    query,
    size: 0,
    ids: Int32Array.of(7, 3),
    options: { proposal: "codes", scan: 5, seed: 1n },
  },
  { call: "sample", query, size: 9, ids: NO_IDS, options: { scan: 8, seed: 1n, exclude: Int32Array.of(1, 2) } },
  { call: "sample", query, size: 9, ids: NO_IDS, options: { exact: true, seed: 1n, allow: Int32Array.of(5, 6) } },
  {
    call: "sampleTopK",
    query,
    size: 9,
    ids: NO_IDS,
    options: { seed: 1n, history: Int32Array.of(4), presencePenalty: 1 },
  },
  {
    ...{ call: "logQ", query, size: 0, ids: Int32Array.of(0, 99) },
    options: {
      allow: { bitmap: new Uint8Array(13).fill(0b01011101) },
      bias: { ids: Int32Array.of(3, 4), values: Float32Array.of(0.5, Number.NEGATIVE_INFINITY) },
      ...{ history: Int32Array.of(4, 4), repetitionPenalty: 1.5, frequencyPenalty: 0.5 },
    },
  },
  { call: "slateLogProbability", query, size: 0, ids: Int32Array.of(5, 0), options: { scan: 9 } },
  { call: "score", query, size: 0, ids: Int32Array.of(5, 0, 5), options: {} },
  { call: "topK", query, size: 3, ids: NO_IDS, options: { exact: true, withLabels: true, withRows: true } },
  {
    ...{ call: "topK", query, size: 3, ids: NO_IDS },
    options: {
      filter: { kind: { $in: ["a", null] }, price: { $gte: -2, $lt: 80.5 } },
      namespace: "é",
      withMetadata: true,
    },
  },
  {
    ...{ call: "classes", query: new Float32Array(0), size: 0, ids: Int32Array.of(5, 0) },
    options: { withLabels: true, labels: ["class 7", "", "é"] },
  },
  { call: "decode", query, size: 7, ids: NO_IDS, options: { minP: 0.25, maxRanked: 99, temperature: 0.5 } },
];

const { parts } = await inParts(
  {
    ...(TABLES["fine codes"] as Table),
    ...{ labels: (id) => `class ${id}`, namespaces: (id) => (id % 2 === 0 ? "é" : null) },
    columns: (ids) => ({
      price: { type: "number", values: ids },
      kind: { type: "string", values: ids.map((id) => ["a", "b", null][id % 3]) },
    }),
  },
  consecutive([100, 140]),
);
const [part] = parts as [Part];
const answers: PartialAnswer[] = [];
for (const question of QUESTIONS) answers.push(await part.answer(question));

const FORMS: readonly (readonly [
  name: string,
  encoded: readonly Uint8Array[],
  recode: (bytes: Uint8Array) => Uint8Array,
])[] = [
  ["questions", QUESTIONS.map(encodeQuestion), (bytes) => encodeQuestion(decodeQuestion(bytes))],
  ["answers", answers.map(encodeAnswer), (bytes) => encodeAnswer(decodeAnswer(bytes))],
];

test("questions and answers are what they were", () => {
  for (const question of QUESTIONS) expect(decodeQuestion(encodeQuestion(question))).toEqual(question);
  for (const answer of answers) expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
});

test("a predict answer with 10 classes has less than a kilobyte", async () => {
  const question: Question = { call: "predict", query, size: 10, ids: NO_IDS, options: { seed: 1n } };
  expect(encodeAnswer(await part.answer(question)).length).toBeLessThan(1000);
});

test("parts behind messages answer as parts in memory, in every call", async () => {
  const remote = parts.map(
    (local): Part => ({
      info: local.info,
      answer: async (question) => {
        const asked = decodeQuestion(encodeQuestion(question));
        return decodeAnswer(encodeAnswer(await local.answer(asked)));
      },
    }),
  );
  const [near, far] = [new PartedIndex(parts), new PartedIndex(remote)];
  const ids = [0, 100, 239];
  const conditions = { temperature: 0.7, exclude: [3, 150], bias: { ids: [1, 200], values: [1, -1] } };
  for (const options of [{}, conditions]) {
    const seeded = { ...options, seed: 3 };
    expect(await far.topK(query, 7, options)).toEqual(await near.topK(query, 7, options));
    expect(await far.predict(query, 7, seeded)).toEqual(await near.predict(query, 7, seeded));
    expect(await far.logPartition(query, seeded)).toEqual(await near.logPartition(query, seeded));
    expect(await far.logProbability(query, ids, seeded)).toEqual(await near.logProbability(query, ids, seeded));
    expect(await far.sample(query, 7, seeded)).toEqual(await near.sample(query, 7, seeded));
    expect(await far.sample(query, 7, { ...seeded, exact: true })).toEqual(
      await near.sample(query, 7, { ...seeded, exact: true }),
    );
    expect(await far.sampleTopK(query, 7, seeded)).toEqual(await near.sampleTopK(query, 7, seeded));
    expect(await far.logQ(query, ids, options)).toEqual(await near.logQ(query, ids, options));
    expect(await far.slateLogProbability(query, ids, options)).toEqual(
      await near.slateLogProbability(query, ids, options),
    );
    expect(await far.score(query, ids)).toEqual(await near.score(query, ids));
    expect(await far.decode(query, { ...seeded, minP: 0.1 })).toEqual(
      await near.decode(query, { ...seeded, minP: 0.1 }),
    );
    expect(await far.decode(query, { ...seeded, topP: 0.5 })).toEqual(
      await near.decode(query, { ...seeded, topP: 0.5 }),
    );
  }
});

describe.each(FORMS)("hostile %s", (_, encoded, recode) => {
  test("that are cut short, or longer, are refused", () => {
    for (const message of encoded) {
      for (let end = 0; end < message.length; end++) {
        expect(() => recode(message.subarray(0, end)), `${end} bytes`).toThrow(RangeError);
      }
      expect(() => recode(Uint8Array.of(...message, 0))).toThrow('"message" of the message expected its end');
    }
  });

  test("with any byte changed are refused, or say something else in the one form that there is", () => {
    for (const message of encoded) {
      for (let at = 0; at < message.length; at++) {
        for (const bit of [1, 16, 128]) {
          const changed = message.slice();
          changed[at] = (changed[at] as number) ^ bit;
          let again: Uint8Array;
          try {
            again = recode(changed);
          } catch (error) {
            expect(error, `byte ${at}`).toBeInstanceOf(RangeError);
            continue;
          }
          expect(again, `byte ${at}`).toEqual(changed);
        }
      }
    }
  });

  test("of another version, of the other kind and of none are refused by name", () => {
    const [message] = encoded as [Uint8Array];
    const set = (at: number, value: number): Uint8Array => message.map((byte, i) => (i === at ? value : byte));
    expect(() => recode(set(4, 1))).toThrow('"version" of the message expected 3, which this midx has, got 1');
    expect(() => recode(set(5, 3 - (message[5] as number)))).toThrow('"kind" of the message expected');
    expect(() => recode(set(6, 200))).toThrow('"call" of the message expected at most 10, got 200');
    expect(() => recode(set(0, 0))).toThrow('"message" of the message expected the bytes "mipx" first');
    expect(() => recode([1, 2, 3] as unknown as Uint8Array)).toThrow('"message" expected a Uint8Array');
    expect(() => recode("mipx" as unknown as Uint8Array)).toThrow('"message" expected a Uint8Array of bytes');
  });

  test("that promise large arrays are refused before anything is allocated", () => {
    for (const message of encoded) {
      const claims = message.slice();
      new DataView(claims.buffer).setUint32(7, 2 ** 31 - 1, true); // the length of the first array
      expect(() => recode(claims)).toThrow(/expected \d+ bytes, got \d+/);
    }
  });
});

test("answers with impossible numbers are refused by name", async () => {
  const answerOf = (call: Question["call"]): PartialAnswer => {
    const found = answers.find((answer) => answer.call === call);
    if (found === undefined) throw new Error(`no answer to ${call}`);
    return found;
  };
  const predicted = answerOf("predict");
  const { estimate, top } = predicted as Required<PartialAnswer>;
  const refused = (answer: PartialAnswer) => expect(() => decodeAnswer(encodeAnswer(answer)));
  refused({ ...predicted, parts: [] }).toThrow('"parts" of the message expected 1 to 65536, got 0');
  refused({ ...predicted, parts: [3, 3] }).toThrow('"parts[1]" of the message expected ascending numbers');
  refused({ ...predicted, top: { ...top, scores: top.scores.slice(1) } }).toThrow('"scores" of the message expected');
  refused({ ...predicted, top: { ...top, scores: top.scores.map(() => Number.NaN) } }).toThrow('"scores[0]"');
  refused({ ...predicted, top: { ...top, scores: top.scores.toReversed() } }).toThrow("descending numbers");
  refused({ ...predicted, top: { ...top, ids: top.ids.map(() => -1) } }).toThrow('"ids[0]" of the message expected 0');
  for (const [name, value] of [
    ["mass", -1],
    ["mass", Number.NaN],
    ["variance", -1e-9],
    ["draws", Number.POSITIVE_INFINITY],
  ] as const) {
    const terms = { ...estimate.terms, [name]: value };
    refused({ ...predicted, estimate: { ...estimate, terms } }).toThrow(`"${name}" of the message expected`);
  }
  refused({ ...predicted, estimate: { ...estimate, bounds: { lower: 1, upper: 0.5 } } }).toThrow('"upper"');
  const sampled = answers.find(({ arrivals }) => arrivals) as Required<PartialAnswer>;
  refused({
    ...sampled,
    arrivals: { ...sampled.arrivals, logTimes: sampled.arrivals.logTimes.toReversed() },
  }).toThrow('"logTimes[1]" of the message expected ascending numbers');
  refused({ ...sampled, arrivals: { ...sampled.arrivals, allowedCount: -1 } }).toThrow('"allowedCount" of the message');
  const keyed = answerOf("sampleTopK") as Required<PartialAnswer>;
  refused({ ...keyed, keys: { ...keyed.keys, threshold: 1e9 } }).toThrow('"threshold" of the message expected');
  refused({ ...predicted, generation: "x".repeat(257) }).toThrow('"generation" of the message expected at most 256');
  expect(() => encodeQuestion({ ...(QUESTIONS[0] as Question), size: 2 ** 31 })).toThrow('"size" expected at most');
  expect(() => encodeQuestion({ ...(QUESTIONS[0] as Question), call: "rows" as "topK" })).toThrow('"call" expected');
});
