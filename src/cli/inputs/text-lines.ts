import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { FormatError } from "../../bytes/format-error.ts";
import { expectReadable } from "../files/file-kind.ts";
import type { InputFile } from "../files/input-file.ts";

const READ_BYTES = 2 ** 18;
/** The maximum length of a line: room for 4,096 numbers and a label. */
export const MAX_LINE_BYTES = 2 ** 22;
const NEWLINE = 10;
const RETURN = 13;

export interface TextLine {
  readonly text: string;
  /** The line ends with a carriage return and a line feed, which are no part of its text. */
  readonly hasReturn: boolean;
  /** The number of the line, from 1. */
  readonly number: number;
  readonly offset: number;
}

/** Yields the bytes of a file from its beginning. Each piece has its own memory. */
async function* piecesOf(file: InputFile): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.byteLength; at += READ_BYTES) {
    const { buffer, byteOffset, byteLength } = await file.read(at, Math.min(READ_BYTES, file.byteLength - at));
    yield Buffer.from(buffer, byteOffset, byteLength);
  }
}

/** Yields the bytes of a file or a pipe from its beginning. Each piece has its own memory. */
export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  await expectReadable(path);
  const handle = await open(path, "r");
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

export const linesOf = (file: InputFile): AsyncGenerator<Iterable<TextLine>> => linesIn(piecesOf(file));

/**
 * Yields lines of UTF-8 without line ends and without a byte order mark. A step of an asynchronous generator costs as much
 * as reading a short line, so each step yields all lines of a piece of the file. They must be consumed before the next step.
 *
 * @throws FormatError text-utf8, text-line
 */
export async function* linesIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<Iterable<TextLine>> {
  const place = { number: 1, offset: 0 };
  let begun: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield splitLines(Buffer.concat([begun, piece.subarray(0, end)]), place);
      begun = piece.subarray(end);
    } else begun = Buffer.concat([begun, piece]);
    if (begun.byteLength > MAX_LINE_BYTES) {
      throw new FormatError("text-line", place.offset, `line ${place.number} is longer than ${MAX_LINE_BYTES} bytes`);
    }
  }
  if (begun.byteLength > 0) yield splitLines(begun, place);
}

/**
 * Splits `bytes`, which begin at `place` of the file, into lines and advances `place`. It checks UTF-8 in all lines at once,
 * which is much faster than one decoder per line. Each text has its own memory, so that a label does not keep the piece
 * alive.
 */
function* splitLines(bytes: Buffer, place: { number: number; offset: number }): Generator<TextLine> {
  const isChecked = isUtf8(bytes);
  for (let start = 0; start < bytes.byteLength; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.byteLength : newline;
    const { number, offset } = place;
    if (!isChecked && !isUtf8(bytes.subarray(start, end))) {
      throw new FormatError("text-utf8", offset, `line ${number} is not valid UTF-8: save the file as UTF-8`);
    }
    place.number++;
    place.offset += end + 1 - start;
    const hasReturn = end > start && bytes[end - 1] === RETURN;
    yield { text: withoutMarks(bytes.toString("utf8", start, end), number), hasReturn, number, offset };
    start = end + 1;
  }
}

function withoutMarks(text: string, number: number): string {
  const start = number === 1 && text.startsWith("\ufeff") ? 1 : 0;
  const end = text.endsWith("\r") ? text.length - 1 : text.length;
  return start > 0 || end < text.length ? text.slice(start, end) : text;
}
