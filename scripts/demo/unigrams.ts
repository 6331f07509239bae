import { UNKNOWN } from "./context.ts";

/** Stands behind each line for `midx train --task lm`. */
const END = "<eos>";

/**
 * Returns the perplexity of a held-out text if each word has the probability that its frequency in another text gives it. Words
 * that the model does not have are unknown ones. The first word is left out, as nothing predicts it.
 */
export function perplexityOfUnigrams(
  words: readonly string[],
  text: readonly string[],
  heldOut: readonly string[],
): number {
  const known = new Set(words);
  const counts = new Map<string, number>();
  const learned = tokensOf(text, known);
  for (const token of learned) counts.set(token, (counts.get(token) ?? 0) + 1);
  const asked = tokensOf(heldOut, known).slice(1);
  const sum = asked.reduce((loss, token) => loss - Math.log((counts.get(token) ?? 0) / learned.length), 0);
  return Math.exp(sum / asked.length);
}

const tokensOf = (lines: readonly string[], known: ReadonlySet<string>): string[] =>
  lines.flatMap((line) => {
    const words = line.split(/\s+/).filter((word) => word !== "");
    return words.length === 0 ? [] : [...words.map((word) => (known.has(word) ? word : UNKNOWN)), END];
  });
