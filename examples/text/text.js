// @ts-check
import { Grammar } from "./grammar.js";
import { append, writePhrases } from "./writer.js";

/** A phrase repeats the text if it is among so many before it. */
const WINDOW = 20;

/**
 * A text, with its phrases after the beginning that was given.
 * @typedef {object} Text
 * @property {string} text
 * @property {readonly import("./writer.js").Written[]} written
 */

/**
 * Writes a text of so many phrases, and with a grammar goes on to the end of the sentence.
 * @param {import("midx").MultiIndex} index
 * @param {string} start
 * @param {number} phrases
 * @param {import("./writer.js").WriterOptions} options
 * @returns {Text}
 */
export function write(index, start, phrases, options) {
  /** @type {import("./writer.js").Written[]} */
  const written = [];
  let text = options.grammar && start !== "" ? `${start}.` : start;
  for (const phrase of writePhrases(index, start, options)) {
    written.push(phrase);
    text = append(text, phrase);
    if (written.length >= phrases && (!options.grammar || phrase.endsSentence)) break;
  }
  return { text, written };
}

/**
 * Returns a grammar over the phrases of an index.
 * @param {import("midx").MultiIndex} index
 */
export const grammarOf = (index) =>
  new Grammar(index.labels(Array.from({ length: index.info.itemCount }, (_, id) => id)));

/**
 * Returns the share of the phrases that are among the twenty before them: 0 for a text that never repeats itself.
 * @param {Text} text
 */
export function repetitionOf({ written }) {
  const ids = written.map(({ decoded }) => decoded.id);
  const repeated = ids.filter((id, i) => ids.slice(Math.max(0, i - WINDOW), i).includes(id));
  return ids.length === 0 ? 0 : repeated.length / ids.length;
}

/**
 * Says in a line how a text came about.
 * @param {Text} text
 * @param {number} milliseconds that it took
 */
export function factsOf(text, milliseconds) {
  const { written } = text;
  const kept = written.map(({ decoded }) => decoded.kept).sort((a, b) => a - b)[written.length >> 1];
  return [
    `${written.length} phrases in ${(milliseconds / written.length).toFixed(1)} ms each`,
    `drawn from ${kept} phrases in the median`,
    `${(100 * repetitionOf(text)).toFixed(0)} % were among the twenty before them`,
  ].join(", ");
}
