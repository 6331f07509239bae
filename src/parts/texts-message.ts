import { strictDecoder } from "../bytes/strict-decoder.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";

/** The most bytes of UTF-8 that the labels of a message may have: 8 MiB. */
export const MOST_LABEL_BYTES = 2 ** 23;

/** Writes texts: first the offset of the end of each, then all of them in UTF-8, end to end. */
export function writeTexts(writer: MessageWriter, name: string, texts: readonly string[]): void {
  const encoder = new TextEncoder();
  const encoded = texts.map((text) => encoder.encode(text));
  let length = 0;
  const ends = Int32Array.from(encoded, ({ byteLength }) => {
    length += byteLength;
    if (length > MOST_LABEL_BYTES) {
      throw new RangeError(
        `"${name}" of a message expected at most ${MOST_LABEL_BYTES} bytes of UTF-8, got more: ask about fewer classes`,
      );
    }
    return length;
  });
  const bytes = new Uint8Array(length);
  for (const [i, text] of encoded.entries()) bytes.set(text, (ends[i] as number) - text.byteLength);
  writer.numbers(ends);
  writer.numbers(bytes);
}

/** Parses JSON as JSON.stringify writes it. Undefined for other text, and for null. */
export function parsedJson<T>(text: string): T | undefined {
  try {
    const value = JSON.parse(text);
    return JSON.stringify(value) === text ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads texts, as many as there are or `count` of them. Nothing but their UTF-8 may be between their ends. */
export function readTexts(reader: MessageReader, name: string, count?: number): string[] {
  const ends = reader.checked(`${name}.ends`, Int32Array<ArrayBuffer>, {
    count,
    expected: "ascending ends",
    isGood: (end, before) => end >= (before ?? 0),
  });
  const length = ends.at(-1) ?? 0;
  if (length > MOST_LABEL_BYTES) reader.refuse(name, `at most ${MOST_LABEL_BYTES} bytes`, length);
  const bytes = reader.numbers(`${name}.text`, Uint8Array<ArrayBuffer>, length);
  const decoder = strictDecoder();
  return Array.from(ends, (end, i) => {
    try {
      return decoder.decode(bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
    } catch {
      return reader.refuse(`${name}[${i}]`, "UTF-8", "other bytes");
    }
  });
}
