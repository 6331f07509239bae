import type { Examples } from "../../../src/train/model/examples.ts";
import { HISTORY, UNKNOWN } from "../context.ts";
import type { Lexicon, Phrases, Text } from "./phrases.ts";

/** Words that a context is read as; the others are <unk>. */
const WORDS = 16_000;

/** Returns the most frequent words of a text in lower case, in the order of their code units. They are the features. */
export function featureWords(lexicon: Lexicon, { ids }: Text): string[] {
  const counts = new Uint32Array(lexicon.words.length);
  for (const id of ids) counts[id] = (counts[id] as number) + 1;
  return Array.from(counts, (_, id) => id)
    .sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b)
    .slice(0, WORDS)
    .map((id) => lexicon.words[id] as string)
    .sort();
}

/** Returns an example for each place of a text where a class begins: that class, and the words before it, the nearest first. */
export function phraseExamples(lexicon: Lexicon, phrases: Phrases, words: readonly string[], text: Text): Examples {
  const featureOf = new Map(words.map((word, feature) => [word, feature]));
  const unknown = featureOf.get(UNKNOWN) as number;
  const features = Int32Array.from(lexicon.words, (word) => featureOf.get(word) ?? unknown);
  const classes = phrases.classesOf(text);
  const [offsets, ids, positives]: [number[], number[], number[]] = [[0], [], []];
  for (let at = 1; at < classes.length; at++) {
    if (classes[at] === -1) continue;
    for (let back = 1; back <= Math.min(HISTORY, at); back++)
      ids.push(features[text.ids[at - back] as number] as number);
    offsets.push(ids.length);
    positives.push(classes[at] as number);
  }
  return {
    features: {
      offsets: Uint32Array.from(offsets),
      ids: Int32Array.from(ids),
      weights: new Float32Array(ids.length).fill(1),
    },
    positives: {
      offsets: Uint32Array.from({ length: positives.length + 1 }, (_, row) => row),
      ids: Int32Array.from(positives),
    },
    featureCount: words.length,
    classCount: phrases.labels.length,
    positionCount: HISTORY,
  };
}
