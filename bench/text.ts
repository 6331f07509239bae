// The words of WikiText-2. Benchmarks skip them if they are not found.
import { haveData, loader, placeOf } from "./data.ts";

/** The number of words in the vocabulary, the most frequent first. */
export const WORDS = 33_278;

/** Returns whether the data set exists, and prints a line if it does not. */
export const haveText = (): boolean => haveData("wikitext-2");

/** Returns the ids of the words of a part, with sentences end to end. */
export const wordsOf = (part: "train" | "valid"): Int32Array =>
  Int32Array.from(loader().u16(`${placeOf("wikitext-2")}/${part}.u16.gz`));
