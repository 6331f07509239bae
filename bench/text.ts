// The words of WikiText-2: a bench skips where they are absent.
import { haveData, loader, placeOf } from "./data.ts";

/** Words of the vocabulary, the most frequent first. */
export const WORDS = 33_278;

/** Whether the data set is there; says so where it is not. */
export const haveText = (): boolean => haveData("wikitext-2");

/** Ids of the words of a part, sentences end to end. */
export const wordsOf = (part: "train" | "valid"): Int32Array =>
  Int32Array.from(loader().u16(`${placeOf("wikitext-2")}/${part}.u16.gz`));
