// @ts-check
import { CONTEXT_WORDS, featuresOf, knownWords } from "./context.js";
import { END } from "./grammar.js";

/** Penalties are about so many of the last phrases. */
const REMEMBERED = 64;

/** The steps of one seed are further apart than this, so that no two texts share random numbers. */
const STEPS = 2n ** 20n;

/**
 * The settings of a text: options of decode, and a grammar if its sentences have to follow one.
 * @typedef {Omit<import("midx").DecodeOptions, "history" | "allow" | "seed"> & {
 *   readonly seed: number, readonly grammar?: import("./grammar.js").Grammar }} WriterOptions
 */

/**
 * One phrase of the text.
 * @typedef {object} Written
 * @property {string} phrase
 * @property {boolean} endsSentence by the grammar
 * @property {import("midx").Decoded} decoded
 */

/**
 * Continues a text without end: encodes its last words, decodes the next phrase, and appends it. With a grammar it begins a
 * new sentence after the text that is given. The same index, text and options give the same phrases in every runtime.
 * @param {Pick<import("midx").MultiIndex, "encode" | "decode" | "labels" | "info">} index whose features and classes are words
 * @param {string} start
 * @param {WriterOptions} options
 * @returns {Generator<Written, never>}
 */
export function* writePhrases(index, start, { grammar, seed, ...options }) {
  const isKnown = knownWords(index);
  /** @type {number[]} */
  const history = [];
  let text = grammar && start !== "" ? `${start} .` : start;
  let state = "start";
  const words = index.info.features?.positionCount || CONTEXT_WORDS;
  for (let step = 0n; ; step++) {
    const query = index.encode(featuresOf(text, isKnown, words));
    const decoded = index.decode(query, {
      ...options,
      history: history.slice(-REMEMBERED),
      ...(grammar && { allow: grammar.allowed(state) }),
      seed: BigInt(seed) * STEPS + step,
    });
    const phrase = /** @type {string} */ (index.labels([decoded.id])[0]);
    history.push(decoded.id);
    if (grammar) state = grammar.after(state, decoded.id);
    const endsSentence = state === END;
    if (endsSentence) state = "start";
    text = `${text} ${phrase}${endsSentence ? " ." : ""}`;
    yield { phrase, endsSentence, decoded };
  }
}

/**
 * Appends a phrase to a text as it is read: "'s" stands with its word, and a sentence begins with a capital.
 * @param {string} text
 * @param {Pick<Written, "phrase" | "endsSentence">} written
 */
export function append(text, { phrase, endsSentence }) {
  const joined = phrase.replaceAll(" '", "'");
  const beginsSentence = /(^|[.!?])$/.test(text);
  const spelled = beginsSentence ? joined.charAt(0).toUpperCase() + joined.slice(1) : joined;
  const space = text === "" || spelled.startsWith("'") ? "" : " ";
  return `${text}${space}${spelled}${endsSentence ? "." : ""}`;
}
