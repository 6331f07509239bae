import { FormatError } from "../../bytes/format-error.ts";
import type { InputFile } from "../files/input-file.ts";
import { linesOf, MAX_LINE_BYTES, type TextLine } from "./text-lines.ts";

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line it begins at, counted from 1, and its first byte. */
  readonly line: number;
  readonly offset: number;
}

/** Lines of a record that ends behind them: a quote is open. */
interface BegunRecord {
  readonly lines: string[];
  length: number;
  readonly line: number;
  readonly offset: number;
}

/**
 * Records of a .csv file, but for empty lines, a piece of the file at a time, as linesOf gives them. FormatError: csv-syntax, and
 * those of text-lines.ts.
 */
export async function* recordsOf(file: InputFile): AsyncGenerator<Iterable<CsvRecord>> {
  let begun: BegunRecord | undefined;
  function* recordsIn(lines: Iterable<TextLine>): Generator<CsvRecord> {
    for (const { text, number, offset } of lines) {
      if (begun === undefined && text === "") continue;
      const opensOrCloses = hasOddQuotes(text);
      if (begun === undefined && !opensOrCloses) yield { fields: fieldsOf(text, number, offset), line: number, offset };
      else {
        begun ??= { lines: [], length: -1, line: number, offset };
        begun.lines.push(text);
        begun.length += 1 + text.length;
        if (begun.length > MAX_LINE_BYTES) throw syntaxError(begun.line, begun.offset, "a quote is open for too long");
        if (begun.lines.length === 1 || !opensOrCloses) continue;
        const { lines, ...start } = begun;
        begun = undefined;
        yield { fields: fieldsOf(lines.join("\n"), start.line, start.offset), line: start.line, offset: start.offset };
      }
    }
  }
  for await (const lines of linesOf(file)) yield recordsIn(lines);
  if (begun) throw syntaxError(begun.line, begun.offset, "a quote is not closed");
}

/** Whether a line opens a quote that it does not close, or closes one and opens none. */
function hasOddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

/** The fields of a record (RFC 4180). A parser for each record takes twenty times as long as a short one needs. */
function fieldsOf(text: string, line: number, offset: number): readonly string[] {
  if (!text.includes('"')) return text.split(",");
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? closingQuote(text, at) + 1 : fieldEnd(text, at);
    if (end < text.length && text[end] !== ",") throw syntaxError(line, offset, "a character behind a closing quote");
    const field = isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end);
    if (!isQuoted && field.includes('"')) throw syntaxError(line, offset, "a quote in the middle of a field");
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

function fieldEnd(text: string, start: number): number {
  const comma = text.indexOf(",", start);
  return comma < 0 ? text.length : comma;
}

/** Where the quote that stands at `start` is closed: by one that is not doubled. A record has an even number of them. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

const syntaxError = (line: number, offset: number, message: string): FormatError =>
  new FormatError("csv-syntax", offset, `line ${line}: ${message}`);
