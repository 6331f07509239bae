// @ts-check
/** Words of a context that the models of the demos look at. */
export const CONTEXT_WORDS = 4;

/** Stands for any word that a model does not know. */
export const UNKNOWN = "<unk>";

/**
 * Returns the words of a text as WikiText has them: punctuation stands alone, and so does what begins with an apostrophe.
 * @param {string} text
 * @returns {string[]}
 */
export const wordsOf = (text) =>
  text
    .replace(/([.,;:!?()"])/g, " $1 ")
    .replace(/('\w+)\b/g, " $1")
    .split(/\s+/)
    .filter((word) => word !== "");

/**
 * Returns the features of a context: its last words, the nearest first. A word that the model does not know as it is written
 * is taken in lower case, and one that it does not know at all as UNKNOWN if it has that.
 * @param {string} text
 * @param {(word: string) => boolean} isKnown
 * @param {number} [count] the number of words
 * @returns {string[]}
 */
export function featuresOf(text, isKnown, count = CONTEXT_WORDS) {
  const words = wordsOf(text).slice(-count).toReversed();
  return words.flatMap((word) => [word, word.toLowerCase(), UNKNOWN].find(isKnown) ?? []);
}

/**
 * Returns a test of whether an index has a feature with this name: then it encodes it.
 * @param {Pick<import("midx").MultiIndex, "encode">} index
 * @returns {(word: string) => boolean}
 */
export function knownWords(index) {
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return (word) => {
    let isKnown = known.get(word);
    if (isKnown === undefined) {
      isKnown = encodes(index, word);
      known.set(word, isKnown);
    }
    return isKnown;
  };
}

/**
 * @param {Pick<import("midx").MultiIndex, "encode">} index
 * @param {string} word
 */
function encodes(index, word) {
  try {
    index.encode([word]);
    return true;
  } catch {
    return false;
  }
}
