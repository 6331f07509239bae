import { pipeline, Readable } from "node:stream";
import { CsvError, type Info, parse } from "csv-parse";
import { FormatError } from "../../errors.ts";
import type { InputFile } from "./file.ts";
import { MAX_LINE_BYTES, piecesOf } from "./text-lines.ts";

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line it begins at, counted from 1, and its first byte. */
  readonly line: number;
  readonly offset: number;
}

const NEWLINES = /\r\n|\n|\r/g;

/** Records of a .csv file, but for empty lines. FormatError: csv-syntax, text-utf8. */
export async function* recordsOf(file: InputFile): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: MAX_LINE_BYTES,
  });
  // What goes wrong on the way comes out of the parser.
  const source = pipeline(Readable.from(validPieces(file)), parser, () => {});
  let lines = 1;
  let offset = 0;
  try {
    for await (const { record, info } of source as AsyncIterable<{ record: string[]; info: Info }>) {
      yield { fields: record, line: lines + info.empty_lines, offset };
      offset = info.bytes;
      lines += record.reduce((count, field) => count + (field.match(NEWLINES)?.length ?? 0), 1);
    }
  } catch (error) {
    if (error instanceof CsvError) throw new FormatError("csv-syntax", offset, error.message);
    throw error;
  } finally {
    source.destroy();
  }
}

/** The bytes of a file, if they are UTF-8. */
async function* validPieces(file: InputFile): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let offset = 0;
  const check = (piece?: Uint8Array): void => {
    try {
      decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      throw new FormatError("text-utf8", offset, "not valid UTF-8");
    }
  };
  for await (const piece of piecesOf(file)) {
    check(piece);
    yield piece;
    offset += piece.byteLength;
  }
  check();
}
