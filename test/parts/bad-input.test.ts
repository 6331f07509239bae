import { describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { logPartitionOf, predictionOf, topKOf } from "../../src/parts/final-answers.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { mergeAnswers } from "../../src/parts/merge.ts";
import type { Part } from "../../src/parts/part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { PartialAnswer } from "../../src/parts/partial-answer.ts";
import type { Question } from "../../src/parts/question.ts";
import { consecutive, idsTo, indexOf, inParts, type Table } from "./split.ts";
import { DIM, ITEM_COUNT, queries, TABLES } from "./tables.ts";

const [query] = queries as [Float32Array];
const table = TABLES["int8 rows, biases"] as Table;
const { indexes, parts, parted } = await inParts(table, consecutive([100, 140]));
const [first, second] = parts as [Part, Part];
const [index] = indexes as [MultiIndex];
const NO_IDS = new Int32Array(0);

describe("parts that do not belong together are refused by name", () => {
  const other = async (options: Partial<Table>, itemCount = 10): Promise<Part> =>
    partOf(await indexOf({ ...table, ...options }, idsTo(itemCount)), { number: 7 });

  test.each<[unknown, string]>([
    [[], '"parts" expected at least one part, got none'],
    [undefined, '"parts" expected an array of parts, got undefined'],
    [[first, null], '"parts[1]" expected a part, got null: make one of an index with partOf'],
    [[index], '"parts[0]" expected a part, got an object: make one of an index with partOf'],
    [[{ part: index }], '"parts[0]" expected a part, got an object: make one of an index with partOf'],
    [[first, first], '"parts[1]" expected numbers of its own, got 0, which "parts[0]" has'],
    [[first, { part: second, id: [] }], '"id" is not an option of parts: it takes part, ids'],
    [[{ part: first, ids: [1, 2] }], '"parts[0].ids" expected 100 ids, one for each class of the part, got 2'],
    [[{ part: first, ids: 7 }], '"parts[0].ids" expected an array of integers, got number'],
    [
      [{ part: first, ids: idsTo(100).map((id) => (id === 5 ? 4 : id)) }],
      '"parts[0].ids"[5] expected an integer from 5 on, in ascending order, got 4',
    ],
    [
      [{ part: first, ids: idsTo(100).map((id) => (id === 5 ? 4.5 : id)) }],
      '"parts[0].ids"[5] expected an integer from 5 on, in ascending order, got 4.5',
    ],
    [[{ part: first, ids: idsTo(100).map((id) => id + 1) }], '"parts[0].ids"[99] expected an id in 0..99, got 100'],
    [
      [
        { part: first, ids: idsTo(100) },
        { part: second, ids: idsTo(140) },
      ],
      '"parts[1].ids"[0] expected an id of its own, got 0 again',
    ],
  ])("%#", (given, message) => {
    expect(() => new PartedIndex(given as Part[])).toThrow(message);
  });

  test("of other widths and metrics", async () => {
    const narrow = await other({ dim: 3 });
    expect(() => new PartedIndex([first, narrow])).toThrow('"parts[1]" expected dim 6 as in "parts[0]", got 3');
    const cosine = await other({ options: { ...table.options, metric: "cosine" } });
    expect(() => new PartedIndex([first, cosine])).toThrow(
      '"parts[1]" expected metric dot as in "parts[0]", got cosine',
    );
  });

  test("numbers and generations", () => {
    expect(() => partOf(index, { number: -1 })).toThrow('"number" expected 0 or more, got -1');
    expect(() => partOf(index, { number: 1.5 })).toThrow('"number" expected an integer, got 1.5');
    expect(() => partOf(index, { number: 2 ** 31 })).toThrow('"number" expected at most 2147483647');
    expect(() => partOf(index, { generation: 3 as unknown as string })).toThrow('"generation" expected a text, got 3');
    expect(() => partOf(index, { generation: "é".repeat(129) })).toThrow('"generation" expected at most 256 bytes');
    expect(() => partOf(index, { place: 1 } as object)).toThrow('"place" is not an option of partOf');
  });
});

test.each<[() => Promise<unknown>, string]>([
  [() => parted.topK([1, 2], 3), '"query" expected 6 values (info.dim), got 2'],
  [() => parted.topK([1, 2, 3, 4, Number.NaN, 6], 3), '"query"[4] expected a finite number'],
  [() => parted.topK(query, -1), '"k" expected 0 or more, got -1'],
  [() => parted.topK(query, 1.5), '"k" expected an integer, got 1.5'],
  [() => parted.topK(query, 65), '"k" expected at most 64 (maxK), got 65'],
  [() => parted.sample(query, -3), '"draws" expected 0 or more, got -3'],
  [() => parted.topK(query, 3, { recall: -0.1 }), '"recall" expected 0 to 1, got -0.1'],
  [() => parted.topK(query, 3, { diversity: { lambda: 1.5 } }), '"diversity.lambda" expected 0 to 1, got 1.5'],
  [() => parted.sample(query, 3, { mixture: { uniform: 1.5 } }), '"mixture.uniform" expected 0 to 1, got 1.5'],
  [() => parted.topK(query, 3, { scan: "auto" as unknown as number }), '"scan" expected an integer, got "auto"'],
  [() => parted.topK(query, 3, { scan: -1 }), '"scan" expected 0 or more, got -1'],
  [() => parted.topK(query, 3, { scan: "9" as unknown as number }), '"scan" expected an integer, got "9"'],
  [() => parted.predict(query, 3, { draws: 0.5 }), '"draws" expected an integer, got 0.5'],
  [() => parted.predict(query, 3, { exact: true, scan: 3 }), '"exact" expected no "scan" beside it'],
  [() => parted.predict(query, 3, { scam: 3 } as object), '"scam" is not an option of predict: did you mean "scan"?'],
  [() => parted.predict(query, 3, { seed: 1.5 }), '"seed" expected an integer or a bigint, got 1.5'],
  [() => parted.predict(query, 3, { proposal: "codes" }), '"proposal" expected an index built with "fineCodes"'],
  [() => parted.logPartition(query, { tolerance: -1 }), '"tolerance" expected 0 to Infinity, got -1'],
  [() => parted.predict(query, 3, { temperature: 0 }), '"temperature" expected'],
  [() => parted.predict(query, 3, { exclude: [1, 240] }), '"exclude"[1] expected an integer in 0..239, got 240'],
  [
    () => parted.predict(query, 3, { exclude: new Set([1]) as never }),
    '"exclude" expected an array of integers, got a Set',
  ],
  [() => parted.predict(query, 3, { allow: [-1] }), '"allow"[0] expected an integer in 0..239, got -1'],
  [() => parted.predict(query, 3, { allow: { bitmap: new Uint8Array(2) } }), '"allow.bitmap" expected 30 bytes, got 2'],
  [() => parted.predict(query, 3, { allow: { bitmap: [1] as never } }), '"allow.bitmap" expected a Uint8Array'],
  [
    () => parted.predict(query, 3, { bias: { ids: [1, 200, 1], values: [1, 2, 3] } }),
    '"bias.ids"[2] expected every class once, got 1 again: add its biases up',
  ],
  [() => parted.predict(query, 3, { bias: { ids: [1], values: [] } }), '"bias.values" expected 1 values'],
  [() => parted.predict(query, 3, { bias: null as never }), '"bias" expected an object'],
  [() => parted.predict(query, 3, { bias: [1, 2] as never }), '"bias" expected an object, got an array'],
  [() => parted.predict(query, 3, { exact: "yes" as never }), '"exact" expected true or false, got "yes"'],
  [() => parted.sample(query, 3, { exact: 1 as never }), '"exact" expected true or false, got 1'],
  [() => parted.logQ(query, undefined as never), '"ids" expected an array of integers, got undefined'],
  [
    () => parted.predict(query, 3, { history: [500], presencePenalty: 1 }),
    '"history"[0] expected an integer in 0..239',
  ],
  [() => parted.predict(query, 3, { presencePenalty: 1 }), '"presencePenalty" expected "history" beside it'],
  [() => parted.logProbability(query, [0, 240]), '"ids"[1] expected an integer in 0..239, got 240'],
  [
    () => parted.slateLogProbability(query, [9, 200, 3, 200]),
    '"ids"[3] expected a class that is not in the slate yet, got 200 as in [1]',
  ],
  [() => parted.score(query, [1.5]), '"ids"[0] expected an integer in 0..239, got 1.5'],
  [() => parted.predict(query, 3, { conditions: [{}] } as object), '"conditions" expected "batch" beside it'],
  [() => parted.predict(query, 3, { batch: 1, conditions: [] }), '"conditions" expected 1 of them, one for each query'],
  [
    () => parted.predict(query, 3, { batch: 1, conditions: [{ exclude: [240] }] }),
    '"conditions[0].exclude"[0] expected an integer in 0..239, got 240',
  ],
  [() => parted.predict(query, 3, { batch: 2 }), '"query" expected 2 × 6 values (batch × info.dim), got 6'],
])("arguments of calls are refused by name: %#", async (call, message) => {
  await expect(call()).rejects.toThrow(message);
});

test("what a getter says is read once", async () => {
  let reads = 0;
  const options = {
    get exclude() {
      reads++;
      return [reads];
    },
  };
  await parted.predict(query, 3, options);
  expect(reads).toBe(1);
});

test("changes to arguments during a call change no answer", async () => {
  const [ids, exclude, own] = [[5, 200], [7], query.slice()];
  const asked = parted.logProbability(own, ids, { exact: true, exclude });
  ids.fill(0);
  exclude.fill(5);
  own.fill(0);
  expect(await asked).toEqual({
    ...(await parted.logProbability(query, [5, 200], { exact: true, exclude: [7] })),
    seed: (await asked).seed,
  });
});

describe("partial answers that do not belong together are refused by name", () => {
  const question: Question = { call: "predict", query, size: 3, ids: NO_IDS, options: { seed: 1n } };

  test("merges", async () => {
    const [a, b] = [await first.answer(question), await second.answer(question)];
    const refused = (answers: readonly PartialAnswer[], asked = question) => expect(() => mergeAnswers(asked, answers));
    refused([]).toThrow('"answers" expected at least one, got none');
    refused([a, a]).toThrow('"answers"[1] expected parts of its own, got part 0, which answered in [0]');
    refused([a, { ...b, generation: "2" }]).toThrow('"answers"[1] expected generation "", got "2": ask again');
    refused([a, { ...b, queryHash: 1n }]).toThrow('"answers"[1] expected an answer to the query of "answers"[0]');
    refused([a, b], { ...question, call: "topK" }).toThrow(
      '"answers"[0] expected an answer to topK, got one to "predict"',
    );
    const { estimate: _, ...without } = b;
    refused([a, without]).toThrow('"answers"[1] expected "estimate", got none');
  });

  test("too few draws and keys, of which a merge would make a wrong sample", async () => {
    const draw: Question = { call: "sample", query, size: 3, ids: NO_IDS, options: { seed: 1n } };
    const drawn = (await first.answer(draw)) as Required<PartialAnswer>;
    const few = { ...drawn, draws: { ...drawn.draws, ids: drawn.draws.ids.slice(1) } };
    expect(() => mergeAnswers(draw, [few])).toThrow('"answers"[0] expected 3 draws, got 2');
    const exactly: Question = { ...draw, options: { exact: true, seed: 1n } };
    const arrived = (await first.answer(exactly)) as Required<PartialAnswer>;
    const less = { ...arrived, arrivals: { ...arrived.arrivals, ids: arrived.arrivals.ids.slice(1) } };
    expect(() => mergeAnswers(exactly, [less])).toThrow('"answers"[0] expected 3 draws, got 2');
    const keep: Question = { ...draw, call: "sampleTopK" };
    const kept = (await first.answer(keep)) as Required<PartialAnswer>;
    const fewer = { ...kept, keys: { ...kept.keys, ids: kept.keys.ids.slice(1) } };
    expect(() => mergeAnswers(keep, [fewer])).toThrow('"answers"[0] expected 3 keys, got 2 above a threshold');
  });

  test("final answers of other calls", async () => {
    const ranked = await first.answer({ call: "topK", query, size: 3, ids: NO_IDS, options: { exact: true } });
    expect(() => predictionOf(question, ranked)).toThrow('"answer" expected "estimate", got an answer to topK');
    const predicted = await first.answer(question);
    expect(() => logPartitionOf(question, predicted)).toThrow(
      '"answer" expected bounds of log Z, got an answer to predict',
    );
    const summed = await first.answer({ call: "logPartition", query, size: 0, ids: NO_IDS, options: { exact: true } });
    expect(() => topKOf(summed)).toThrow('"answer" expected "top", got an answer to logPartition');
  });

  test("answers of a part with classes that it does not have", async () => {
    const lying = (change: (answer: PartialAnswer) => PartialAnswer): PartedIndex =>
      new PartedIndex([{ info: first.info, answer: async (asked) => change(await first.answer(asked)) }, second]);
    const outside = lying((answer) => ({
      ...answer,
      ...(answer.top && { top: { ...answer.top, ids: Int32Array.of(100) } }),
    }));
    await expect(outside.topK(query, 1, { exact: true })).rejects.toThrow(
      "an answer of part 0 expected ids in 0..99, got 100",
    );
    const silent = lying((answer) => ({
      ...answer,
      ...(answer.values && { values: { ...answer.values, places: NO_IDS, values: new Float32Array(0) } }),
    }));
    await expect(silent.score(query, [3])).rejects.toThrow(
      "an answer of part 0 expected a value for each of 1 asked classes",
    );
  });

  test("a disposed index answers no more", async () => {
    const gone = await indexOf(table, idsTo(10));
    const part = partOf(gone);
    gone.dispose();
    await expect(new PartedIndex([part]).topK(new Float32Array(DIM), 1)).rejects.toThrow(
      "the index has been disposed of",
    );
  });
});

test("facts of all parts together", () => {
  expect(parted.info).toEqual({
    ...{
      itemCount: ITEM_COUNT,
      dim: DIM,
      metric: "dot",
      columns: [],
      hasFineCodes: false,
      hasLabels: false,
      hasRecallCurve: false,
    },
    numbers: [0, 1],
    ...{ maxK: 64, maxScan: 1024, maxDraws: 1024 },
    columns: [],
  });
  expect(Object.isFrozen(parted.info)).toBe(true);
});
