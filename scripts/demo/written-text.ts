import { UNKNOWN, wordsOf } from "../../examples/text/context.js";
import { append } from "../../examples/text/writer.js";
import type { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";

/** Stands between the paragraphs of the text that a model has read, which are its lines. */
const END = "<eos>";
/** Words that a text is not to have: a rare word, the end of a paragraph, and the mark of a heading. */
const UNWANTED = [UNKNOWN, END, "="];
/** The law that each word is drawn from: a likely word, and rather not one of the last. */
const OPTIONS = { temperature: 0.8, minP: 0.05, frequencyPenalty: 0.3 };
/** The penalty is about so many of the last words. */
const REMEMBERED = 32;

/** A language model: an index whose classes are words, with its encoder. */
export interface LanguageModel {
  readonly index: MultiIndex;
  readonly encoder: Pick<SequenceEncoder, "start" | "step">;
}

/** A text that goes on from its beginning, and the words of the beginning that the model does not know. */
export interface WrittenText {
  readonly text: string;
  readonly unknown: readonly string[];
}

/**
 * Continues a text by so many words. The encoder reads a word at a time, so each costs the same however long the text is. Equal
 * seeds give equal texts.
 */
export function writeOn({ index, encoder }: LanguageModel, start: string, words: number, seed: bigint): WrittenText {
  const ids = idsOf(index);
  const { read, unknown } = readWords(ids, start);
  const exclude = UNWANTED.flatMap((word) => ids.get(word) ?? []);
  let { state, query } = encoder.step(encoder.start(), END);
  for (const id of read) ({ state, query } = encoder.step(state, id));
  let text = start;
  for (let i = 0; i < words; i++) {
    const { id } = index.decode(query, {
      ...OPTIONS,
      history: read.slice(-REMEMBERED),
      exclude,
      seed: seed + BigInt(i),
    });
    const [phrase] = index.labels([id]) as [string];
    text = append(text, { phrase, endsSentence: false });
    read.push(id);
    ({ state, query } = encoder.step(state, id));
  }
  return { text: readable(text), unknown };
}

/** Puts punctuation where it stands in print. In WikiText it stands alone, and punctuation within a word is between @. */
const readable = (text: string): string =>
  text
    .replace(/ @(.)@ /g, "$1")
    .replace(/ ([.,;:!?)])/g, "$1")
    .replace(/\( /g, "(");

const idsOf = (index: MultiIndex): Map<string, number> => {
  const ids = Array.from({ length: index.info.itemCount }, (_, id) => id);
  return new Map(index.labels(ids).map((word, id) => [word, id]));
};

/**
 * Reads the words of a text. A word that the model does not know as it is written is read in lower case, or else as an unknown
 * one.
 */
function readWords(ids: ReadonlyMap<string, number>, text: string): { read: number[]; unknown: string[] } {
  const unknown: string[] = [];
  const read = wordsOf(text).flatMap((word) => {
    const id = ids.get(word) ?? ids.get(word.toLowerCase());
    if (id !== undefined) return id;
    unknown.push(word);
    return ids.get(UNKNOWN) ?? [];
  });
  return { read, unknown };
}
