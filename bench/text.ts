// The words of WikiText-2: a bench skips where they are absent.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const folder = process.env.MIDX_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
const place = `${folder}/wikitext-2`;

/** Words of the vocabulary, the most frequent first. */
export const WORDS = 33_278;

/** Whether the data set is there; says so where it is not. */
export function haveText(): boolean {
  if (existsSync(place)) return true;
  console.log(`skipped: ${place} is absent (MIDX_DATA names the folder that has wikitext-2)`);
  return false;
}

/** Ids of the words of a part, sentences end to end. */
export function wordsOf(part: "train" | "valid"): Int32Array {
  const bytes = Uint8Array.from(gunzipSync(readFileSync(`${place}/${part}.u16.gz`)));
  return Int32Array.from(new Uint16Array(bytes.buffer));
}
