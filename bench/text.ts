// The words of WikiText-2: a bench skips where they are absent.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { haveData, placeOf } from "./data.ts";

const place = placeOf("wikitext-2");

/** Words of the vocabulary, the most frequent first. */
export const WORDS = 33_278;

/** Whether the data set is there; says so where it is not. */
export const haveText = (): boolean => haveData("wikitext-2");

/** Ids of the words of a part, sentences end to end. */
export function wordsOf(part: "train" | "valid"): Int32Array {
  const bytes = Uint8Array.from(gunzipSync(readFileSync(`${place}/${part}.u16.gz`)));
  return Int32Array.from(new Uint16Array(bytes.buffer));
}
