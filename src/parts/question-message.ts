import { type LogitBias, PROPOSALS } from "../answers/options.ts";
import type { Mixture } from "../answers/recommend-options.ts";
import { checkCount } from "../checks/check.ts";
import { isBitmap } from "../index/copied-conditions.ts";
import { beginMessage, openMessage, QUESTION } from "./message.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import type { Question, QuestionOptions } from "./question.ts";
import { parsedJson, readTexts, writeTexts } from "./texts-message.ts";

// The binary form of questions. The options that are present have a bit, and follow in this order.

const MOST = 2 ** 31 - 1;
const INFINITE = Number.POSITIVE_INFINITY;

/** The functions that write and read an option. */
interface Field<T> {
  readonly write: (writer: MessageWriter, value: T, name: string) => void;
  readonly read: (reader: MessageReader, name: string) => T;
}

const count: Field<number> = {
  write: (writer, value, name) => writer.integer(checkCount(name, value, MOST, "of a message")),
  read: (reader, name) => reader.integer(name, MOST),
};
/** Numbers are checked by the call. */
const number: Field<number> = {
  write: (writer, value) => writer.double(value),
  read: (reader, name) => reader.double(name, -INFINITE, INFINITE),
};
const ids: Field<ArrayLike<number>> = {
  write: (writer, value) => writer.numbers(Int32Array.from(value)),
  read: (reader, name) => reader.numbers(name, Int32Array<ArrayBuffer>),
};

const flag: Field<boolean> = {
  write: (writer, value) => writer.byte(value ? 1 : 0),
  read: (reader, name) => reader.flag(name),
};

const AUTO = 2 ** 32 - 1;

const FIELDS: { readonly [Name in keyof QuestionOptions]-?: Field<NonNullable<QuestionOptions[Name]>> } = {
  scan: {
    write: (writer, value, name) => (value === "auto" ? writer.integer(AUTO) : count.write(writer, value, name)),
    read: (reader, name) => {
      const value = reader.integer(name, AUTO);
      if (value > MOST && value !== AUTO) reader.refuse(name, `at most ${MOST}`, value);
      return value === AUTO ? "auto" : value;
    },
  },
  rescore: count,
  recall: number,
  exact: flag,
  proposal: {
    write: (writer, value) => writer.byte(PROPOSALS.indexOf(value)),
    read: (reader, name) => PROPOSALS[reader.byte(name, PROPOSALS.length - 1)] as (typeof PROPOSALS)[number],
  },
  draws: count,
  targetError: number,
  tolerance: number,
  seed: {
    write: (writer, value) => writer.long(value),
    read: (reader, name) => reader.long(name),
  },
  temperature: number,
  exclude: ids,
  allow: {
    write: (writer, value) => {
      writer.byte(isBitmap(value) ? 1 : 0);
      if (isBitmap(value)) writer.numbers(value.bitmap);
      else ids.write(writer, value, "allow");
    },
    read: (reader, name) =>
      reader.flag(`${name}.bitmap`)
        ? { bitmap: reader.numbers(`${name}.bitmap`, Uint8Array<ArrayBuffer>) }
        : ids.read(reader, name),
  },
  bias: {
    write: (writer, value: LogitBias) => {
      ids.write(writer, value.ids, "bias.ids");
      writer.numbers(Float32Array.from(value.values));
    },
    read: (reader, name): LogitBias => {
      const own = ids.read(reader, `${name}.ids`);
      return { ids: own, values: reader.numbers(`${name}.values`, Float32Array<ArrayBuffer>, own.length) };
    },
  },
  history: ids,
  repetitionPenalty: number,
  presencePenalty: number,
  frequencyPenalty: number,
  withLabels: flag,
  withRows: flag,
  labels: {
    write: (writer, value, name) => writeTexts(writer, name, value),
    read: readTexts,
  },
  minP: number,
  maxRanked: count,
  withDirections: flag,
  mixture: {
    write: (writer, { uniform = 0, popularity: { share = 0, power = 1 } = {} }) => {
      for (const value of [uniform, share, power]) writer.double(value);
    },
    read: (reader, name): Mixture => {
      const [uniform, share, power] = ["uniform", "share", "power"].map((each) =>
        number.read(reader, `${name}.${each}`),
      ) as [number, number, number];
      return { uniform, ...(share !== 0 && { popularity: { share, power } }) };
    },
  },
  filter: {
    write: (writer, value, name) => writeTexts(writer, name, [JSON.stringify(value)]),
    read: (reader, name) => {
      const [text] = readTexts(reader, name, 1) as [string];
      return parsedJson(text) ?? reader.refuse(name, "JSON", "other text");
    },
  },
  namespace: {
    write: (writer, value, name) => writeTexts(writer, name, [value]),
    read: (reader, name) => readTexts(reader, name, 1)[0] as string,
  },
  withMetadata: flag,
};
const NAMES = /* @__PURE__ */ Object.keys(FIELDS) as (keyof QuestionOptions)[];

/**
 * Writes a question as bytes, for a part on another machine.
 *
 * @param question a question
 * @returns the message, which `decodeQuestion` reads
 *
 * @example
 * const question: Question = { call: "topK", query, size: 10, ids: new Int32Array(0), options: { exact: true } };
 * const message = encodeQuestion(question);
 */
export function encodeQuestion(question: Question): Uint8Array<ArrayBuffer> {
  const writer = beginMessage(QUESTION, question.call);
  const { query, size, options } = question;
  writer.numbers(query);
  count.write(writer, size, "size");
  writer.numbers(question.ids);
  writer.integer(NAMES.reduce((bits, name, i) => bits + (options[name] === undefined ? 0 : 2 ** i), 0));
  for (const name of NAMES) {
    const value = options[name];
    if (value !== undefined) (FIELDS[name] as Field<unknown>).write(writer, value, name);
  }
  return writer.end();
}

/**
 * Reads a question. Every length is checked before anything is read, and the part that answers checks every value, so bytes
 * from anywhere are safe.
 *
 * @param message what `encodeQuestion` wrote
 * @returns the question
 * @throws RangeError for bytes that are no question, cut short, followed by others, or of another version
 *
 * @example
 * const question: Question = { call: "topK", query, size: 10, ids: new Int32Array(0), options: { exact: true } };
 * const { call, size } = decodeQuestion(encodeQuestion(question));
 */
export function decodeQuestion(message: Uint8Array): Question {
  const { reader, call } = openMessage(message, QUESTION);
  const query = reader.checked("query", Float32Array<ArrayBuffer>, {
    expected: "finite numbers",
    isGood: Number.isFinite,
  });
  const size = reader.integer("size", MOST);
  const named = reader.checked("ids", Int32Array<ArrayBuffer>, { expected: "0 or more", isGood: (id) => id >= 0 });
  const bits = reader.integer("options", 2 ** NAMES.length - 1);
  const options: Record<string, unknown> = {};
  for (const [i, name] of NAMES.entries()) {
    if (((bits >>> i) & 1) === 1) options[name] = (FIELDS[name] as Field<unknown>).read(reader, name);
  }
  reader.end();
  return { call, query, size, ids: named, options: options as QuestionOptions };
}
