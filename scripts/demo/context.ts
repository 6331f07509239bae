import { CONTEXT_WORDS, featuresOf as namesOf, UNKNOWN, wordsOf } from "../../examples/text/context.js";

export { UNKNOWN };

/** Words of a context that the models of the demos look at. */
export const HISTORY = CONTEXT_WORDS;

export interface ContextFeatures {
  /** Names of features, the nearest word first. */
  readonly features: string[];
  /** The words that the model does not know. */
  readonly unknown: string[];
}

/** Returns the features of a context: its last words, those that the model does not know as UNKNOWN if it has that. */
export function featuresOf(known: ReadonlySet<string>, context: string): ContextFeatures {
  const isKnown = (word: string): boolean => known.has(word);
  const words = wordsOf(context).slice(-HISTORY).toReversed();
  return {
    features: namesOf(context, isKnown),
    unknown: words.filter((word) => !isKnown(word) && !isKnown(word.toLowerCase())),
  };
}
