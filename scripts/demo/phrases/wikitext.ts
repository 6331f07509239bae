import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** MD5 of the two files of WikiText-2 (word level, version 1), as published: the same text gives the same model. */
const PUBLISHED = {
  train: "34a77ebe59551b3a3b3d8c0a2797c976",
  valid: "d756d22ab2310e7e60c094bea5c5a8eb",
} as const;

export type Part = keyof typeof PUBLISHED;

/** Stands for the end of a line. */
const END = "<eos>";

/**
 * Returns the text of a part of WikiText-2 in `folder`: the published file `wiki.train.tokens` or `wiki.valid.tokens`, or the
 * same bytes from the compact form of the benchmarks' data.
 *
 * @throws Error if neither is there, or the text is another
 */
export function readWikiText(folder: string, part: Part): string {
  const published = `${folder}/wiki.${part}.tokens`;
  const text = existsSync(published) ? readFileSync(published, "utf8") : expand(folder, part);
  const found = createHash("md5").update(text).digest("hex");
  if (found !== PUBLISHED[part]) throw new Error(`${folder}: ${part} has MD5 ${found}, expected ${PUBLISHED[part]}`);
  return text;
}

/** `<part>.u16.gz` has the id of each token, little-endian, and vocab.txt.gz the words in the order of their ids. */
function expand(folder: string, part: Part): string {
  const words = gunzipSync(readFileSync(`${folder}/vocab.txt.gz`))
    .toString()
    .trimEnd()
    .split("\n");
  const bytes = gunzipSync(readFileSync(`${folder}/${part}.u16.gz`));
  const lines: string[] = [];
  let line: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    const word = words[bytes.readUInt16LE(at)] as string;
    if (word !== END) {
      line.push(word);
      continue;
    }
    lines.push(line.length === 0 ? " \n" : ` ${line.join(" ")} \n`);
    line = [];
  }
  return lines.join("");
}

/** Returns the tokens of a text, with END behind every line that has any. */
export function tokensOf(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const words = line.trim();
    return words === "" ? [] : [...words.split(/\s+/), END];
  });
}
