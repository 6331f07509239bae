import { FormatError } from "../../errors.ts";
import type { InputFile } from "./file.ts";

const READ_BYTES = 2 ** 18;
/** More than 4,096 numbers and a text beside them. */
export const MAX_LINE_BYTES = 2 ** 22;
const NEWLINE = 10;

export interface TextLine {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
  readonly offset: number;
}

/** The bytes of a file from its beginning, each piece in memory of its own. */
async function* piecesOf(file: InputFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < file.byteLength; at += READ_BYTES) {
    yield await file.read(at, Math.min(READ_BYTES, file.byteLength - at));
  }
}

/** Lines of UTF-8 without their ends and without a byte order mark. FormatError: text-utf8, text-line. */
export async function* linesOf(file: InputFile): AsyncGenerator<TextLine> {
  let number = 0;
  let offset = 0;
  const line = (bytes: Uint8Array): TextLine => {
    number++;
    const found = { text: decode(bytes, number, offset), number, offset };
    offset += bytes.byteLength + 1;
    return found;
  };
  let begun: Uint8Array = new Uint8Array(0);
  for await (const piece of piecesOf(file)) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      const rest = piece.subarray(start, end);
      yield line(begun.byteLength > 0 ? Buffer.concat([begun, rest]) : rest);
      begun = new Uint8Array(0);
      start = end + 1;
    }
    begun = Buffer.concat([begun, piece.subarray(start)]);
    if (begun.byteLength > MAX_LINE_BYTES) {
      throw new FormatError("text-line", offset, `line ${number + 1} is longer than ${MAX_LINE_BYTES} bytes`);
    }
  }
  if (begun.byteLength > 0) yield line(begun);
}

function decode(bytes: Uint8Array, number: number, offset: number): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: number > 1 }).decode(bytes);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  } catch {
    throw new FormatError("text-utf8", offset, `line ${number} is not valid UTF-8`);
  }
}
