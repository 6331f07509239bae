import type { Feature } from "../../answers/options.ts";
import type { EncodeOptions, IndexInfo } from "../../index.ts";
import { idOfText } from "../inputs/id-of-text.ts";

/**
 * Features as they were given: plain words, each a name or an id in digits, or the entries of a JSON array, where a string is a
 * name and a number is an id.
 */
export type GivenFeatures = { readonly words: readonly string[] } | { readonly entries: readonly Feature[] };

/** The index that makes a query of features. */
export interface FeaturesIndex {
  readonly info: Pick<IndexInfo, "features">;
  encode(features: readonly Feature[], options: EncodeOptions): Float32Array;
}

/** Tells names from ids: a word of digits is a name if a feature has it, as items often have integers for names. */
export const featuresOf = (index: FeaturesIndex, given: GivenFeatures): readonly Feature[] =>
  "words" in given ? given.words.map((word) => featureOf(index, word)) : given.entries;

function featureOf(index: FeaturesIndex, word: string): Feature {
  const id = idOfText(word);
  if (id === undefined || (index.info.features?.hasFeatureLabels && hasName(index, word))) return word;
  return id;
}

/** Tells whether a feature has this name. An index looks names up where it encodes them. */
function hasName(index: FeaturesIndex, name: string): boolean {
  try {
    index.encode([name], {});
    return true;
  } catch {
    return false;
  }
}
