/** Words of a context that the models of the demos look at. */
export const HISTORY = 4;

/** Stands for any word that a model does not know. */
export const UNKNOWN = "<unk>";

export interface ContextFeatures {
  /** Names of features, the nearest word first. */
  readonly features: string[];
  /** The words that the model does not know. */
  readonly unknown: string[];
}

/** The features of a context: its last words, those that the model does not know as UNKNOWN if it has that. */
export function featuresOf(known: ReadonlySet<string>, context: string): ContextFeatures {
  const words = wordsOf(context).slice(-HISTORY).toReversed();
  const isKnown = (word: string): boolean => known.has(word);
  const others = isKnown(UNKNOWN) ? [UNKNOWN] : [];
  return {
    features: words.flatMap((word) => (isKnown(word) ? [word] : others)),
    unknown: words.filter((word) => !isKnown(word)),
  };
}

/** Words as WikiText has them: punctuation stands alone, and so does what begins with an apostrophe. */
const wordsOf = (text: string): string[] =>
  text
    .replace(/([.,;:!?()"])/g, " $1 ")
    .replace(/('\w+)\b/g, " $1")
    .split(/\s+/)
    .filter((word) => word !== "");
