import { describe, expect, test } from "vitest";
import { decodeAnswer, encodeAnswer } from "../../src/parts/answer-message.ts";
import type { Part } from "../../src/parts/part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { PartialAnswer, PartialClasses } from "../../src/parts/partial-answer.ts";
import type { Question } from "../../src/parts/question.ts";
import { decodeQuestion, encodeQuestion } from "../../src/parts/question-message.ts";
import { MOST_LABEL_BYTES } from "../../src/parts/texts-message.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn, nested, type Table } from "./split.ts";
import { queries, TABLES } from "./tables.ts";

const [query] = queries as [Float32Array];
const NO_IDS = new Int32Array(0);
const plain = TABLES["fine codes"] as Table;
const COUNT = plain.data.length / plain.dim;
const table: Table = { ...plain, labels: (id) => `é ${id}` };
const whole = await indexOf(table, idsTo(COUNT));
const all = Int32Array.from(idsTo(COUNT).reverse());
const { parts } = await inParts(table, consecutive([100, 1, COUNT - 101]));

/** A part behind messages, on the other side of which `meddle` may change the answer. */
const behind = (part: Part, meddle = (answer: PartialAnswer): PartialAnswer => answer): Part => ({
  info: part.info,
  answer: async (question) =>
    decodeAnswer(encodeAnswer(meddle(await part.answer(decodeQuestion(encodeQuestion(question)))))),
});

const LAYOUTS: Readonly<Record<string, PartedIndex>> = {
  "one part": new PartedIndex([(await inParts(table, [idsTo(COUNT)])).parted]),
  "three parts": new PartedIndex(parts),
  "a router of routers": nested(parts),
  "parts with tables of ids": (await inParts(table, inTurn(COUNT, 3))).parted,
  "parts behind messages": new PartedIndex(parts.map((part) => behind(part))),
};

describe.each(Object.entries(LAYOUTS))("%s", (_, parted) => {
  test("have the labels, ids and rows of one index", async () => {
    expect(parted.info.hasLabels).toBe(true);
    expect(await parted.labels(all)).toEqual(whole.labels(all));
    expect(await parted.labels([7, 7, 3])).toEqual(["é 7", "é 7", "é 3"]);
    expect(await parted.labels([])).toEqual([]);
    const labels = whole.labels(all);
    expect(await parted.idsOf(labels)).toEqual(all);
    expect(await parted.idsOf(["é 5", "é 101", "é 5"])).toEqual(Int32Array.of(5, 101, 5));
    expect(await parted.rows(all)).toEqual(whole.rows(all));
    expect(await parted.rows([101, 0, 101])).toEqual(whole.rows([101, 0, 101]));
  });

  test("carry labels and rows along with every answer that lists classes, and change nothing else", async () => {
    const asked = { query, size: 9, ids: NO_IDS };
    const questions: Question[] = [
      { ...asked, call: "topK", options: { exact: true } },
      { ...asked, call: "predict", options: { scan: 50, draws: 40, seed: 1n } },
      { ...asked, call: "sample", options: { scan: 50, seed: 2n } },
      { ...asked, call: "sample", options: { exact: true, seed: 3n } },
      { ...asked, call: "sampleTopK", options: { scan: 50, seed: 4n } },
    ];
    for (const question of questions) {
      const carrying = { ...question, options: { ...question.options, withLabels: true, withRows: true } };
      const { classes, ...answer } = await parted.answer(carrying);
      expect(answer).toEqual(await parted.answer(question));
      const { ids } = (answer.top ?? answer.draws ?? answer.arrivals ?? answer.keys) as { ids: Int32Array };
      const listed = Int32Array.from(new Set(ids)).sort();
      expect(classes).toEqual({ ids: listed, labels: whole.labels(listed), rows: whole.rows(listed) });
    }
  });

  test("refuse what they do not have by name", async () => {
    await expect(parted.idsOf(["é 1", "é x"])).rejects.toThrow('"labels"[1] expected a label of the index, got "é x"');
    await expect(parted.idsOf(["\ud800"])).rejects.toThrow('"labels"[0] expected a label of the index');
    await expect(parted.idsOf([3 as unknown as string])).rejects.toThrow('"labels"[0] expected a string, got number');
    await expect(parted.idsOf("é 1" as unknown as string[])).rejects.toThrow('"labels" expected an array of strings');
    await expect(parted.labels([COUNT])).rejects.toThrow(`"ids"[0] expected an integer in 0..${COUNT - 1}`);
    await expect(parted.rows([-1])).rejects.toThrow('"ids"[0] expected an integer');
  });
});

test("text that is not well formed is no label, though it is sent as one", async () => {
  const { parts: odd } = await inParts({ ...table, labels: (id) => (id === 3 ? "\ufffd" : `é ${id}`) }, [idsTo(COUNT)]);
  for (const parted of [new PartedIndex(odd), new PartedIndex(odd.map((part) => behind(part)))]) {
    expect(await parted.idsOf(["\ufffd"])).toEqual(Int32Array.of(3));
    await expect(parted.idsOf(["\ufffd", "\ud800"])).rejects.toThrow('"labels"[1] expected a label of the index');
  }
});

test("parts without labels have rows, and say that they have no labels", async () => {
  const { parted } = await inParts(plain, consecutive([100, COUNT - 100]));
  expect(parted.info.hasLabels).toBe(false);
  await expect(parted.labels([0])).rejects.toThrow('"labels" expected parts built with "labels", got some without');
  await expect(parted.idsOf(["é 0"])).rejects.toThrow('"labels" expected parts built with "labels"');
  expect(await parted.rows([COUNT - 1])).toEqual(whole.rows([COUNT - 1]));
});

test("a label that two parts have is refused with both of its classes", async () => {
  const twice = await inParts({ ...table, labels: (id) => `é ${id % 100}` }, consecutive([100, 100]));
  await expect(twice.parted.idsOf(["é 3"])).rejects.toThrow('"é 3", which 3 and 103 have');
  expect(await twice.parted.labels([3, 103])).toEqual(["é 3", "é 3"]);
});

describe("a part that lies", () => {
  const [first, ...others] = parts as [Part, ...Part[]];
  const asked: Question = { call: "topK", query, size: 5, ids: NO_IDS, options: { exact: true, withLabels: true } };
  const lying = (meddle: (classes: PartialClasses) => PartialClasses | undefined): PartedIndex => {
    const lie = ({ classes, ...answer }: PartialAnswer): PartialAnswer => {
      const told = meddle(classes as PartialClasses);
      return { ...answer, ...(told && { classes: told }) };
    };
    return new PartedIndex([behind(first, lie), ...others]);
  };

  test.each<[lie: string, meddle: (classes: PartialClasses) => PartialClasses | undefined, message: string]>([
    ["sends nothing of its classes", () => undefined, 'part 0 expected "classes", got none'],
    ["sends no labels", ({ ids }) => ({ ids }), "part 0 expected labels, got none"],
    ["sends labels of fewer classes", () => ({ ids: NO_IDS, labels: [] }), 'part 0 expected "classes" to have class'],
    ["sends fewer labels", ({ ids }) => ({ ids, labels: [] }), '"labels.ends" of the message expected 5 elements'],
    [
      "sends ids in another order",
      ({ ids, labels = [] }) => ({ ids: ids.toReversed(), labels }),
      '"ids[1]" of the message expected ascending ids',
    ],
    [
      "sends classes that it does not have",
      ({ ids, labels = [] }) => ({ ids: Int32Array.of(...ids, 500), labels: [...labels, "x"] }),
      "an answer of part 0 expected ids in 0..99, got 500",
    ],
  ])("%s", async (_, meddle, message) => {
    await expect(lying(meddle).answer(asked)).rejects.toThrow(message);
  });

  test("about rows is refused", async () => {
    const parted = lying(({ ids, rows }) => ({ ids, ...(rows && { rows: rows.slice(1) }) }));
    await expect(parted.rows([3])).rejects.toThrow(`part 0 expected rows of ${plain.dim} values`);
    const infinite = lying(({ ids, rows }) => ({ ids, ...(rows && { rows: rows.fill(Number.NaN) }) }));
    await expect(infinite.rows([3])).rejects.toThrow('"rows[0]" of the message expected finite numbers');
  });

  test("with labels that were not asked for names no class", async () => {
    const parted = lying(() => ({ ids: Int32Array.of(3), labels: ["other"] }));
    await expect(parted.idsOf(["é 3"])).rejects.toThrow('"labels"[0] expected a label of the index, got "é 3"');
  });
});

test("labels of more bytes than a message may have are refused on both sides", () => {
  const question = (labels: string[]): Question => ({
    ...{ call: "classes", query: new Float32Array(0), size: 0, ids: NO_IDS },
    options: { withLabels: true, labels },
  });
  const half = "x".repeat(MOST_LABEL_BYTES / 2);
  const most = question([half, half]);
  expect(decodeQuestion(encodeQuestion(most))).toEqual(most);
  expect(() => encodeQuestion(question([half, half, "x"]))).toThrow('"labels" of a message expected at most 8388608');
  const message = encodeQuestion(question(["x"]));
  new DataView(message.buffer).setInt32(message.length - 9, MOST_LABEL_BYTES + 1, true); // where the label ends
  expect(() => decodeQuestion(message)).toThrow('"labels" of the message expected at most 8388608 bytes');
});
