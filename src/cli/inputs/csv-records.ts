import { FormatError } from "../../bytes/format-error.ts";
import { shown } from "../../checks/check.ts";
import type { InputFile } from "../files/input-file.ts";
import { linesOf, MAX_LINE_BYTES, type TextLine } from "./text-lines.ts";

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line at which it begins, from 1. `offset` is its first byte. */
  readonly line: number;
  readonly offset: number;
}

/** A record with an open quote, which ends on a later line. */
interface BegunRecord {
  /** Its lines so far, with the line ends between them, which belong to the quoted field. */
  readonly parts: string[];
  length: number;
  readonly line: number;
  readonly offset: number;
}

/**
 * Yields the records of a .csv file without empty lines, in pieces of the file as linesOf does.
 *
 * @throws FormatError csv-syntax, and those of text-lines.ts
 */
export async function* recordsOf(file: InputFile): AsyncGenerator<Iterable<CsvRecord>> {
  let begun: BegunRecord | undefined;
  function* recordsIn(lines: Iterable<TextLine>): Generator<CsvRecord> {
    for (const { text, hasReturn, number, offset } of lines) {
      if (begun === undefined && text === "") continue;
      const opensOrCloses = hasOddQuotes(text);
      if (begun === undefined && !opensOrCloses) yield { fields: fieldsOf(text, number, offset), line: number, offset };
      else {
        const isFirst = begun === undefined;
        begun ??= { parts: [], length: -1, line: number, offset };
        begun.parts.push(text);
        begun.length += 1 + text.length;
        if (begun.length > MAX_LINE_BYTES) throw syntaxError(begun.line, begun.offset, "a quoted field is too long");
        if (isFirst || !opensOrCloses) {
          begun.parts.push(hasReturn ? "\r\n" : "\n");
          continue;
        }
        const { parts, line, offset: start } = begun;
        begun = undefined;
        yield { fields: fieldsOf(parts.join(""), line, start), line, offset: start };
      }
    }
  }
  for await (const lines of linesOf(file)) yield recordsIn(lines);
  if (begun) throw syntaxError(begun.line, begun.offset, "a quote is not closed");
}

/** Returns whether a line has an odd number of quotes, so that it opens or closes a quoted field of several lines. */
function hasOddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

/** Splits a record into fields (RFC 4180). A general parser per record would take twenty times as long for short records. */
function fieldsOf(text: string, line: number, offset: number): readonly string[] {
  if (!text.includes('"')) {
    if (text.includes("\r")) throw syntaxError(line, offset, LONE_RETURN);
    return text.split(",");
  }
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? closingQuote(text, at) + 1 : fieldEnd(text, at);
    const behind = text.charAt(end);
    if (behind === "\r") throw syntaxError(line, offset, LONE_RETURN);
    if (behind !== "" && behind !== ",") {
      throw syntaxError(
        line,
        offset,
        `a closing quote expected a comma or the end of the line behind it, got ${shown(behind)}`,
      );
    }
    const field = isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end);
    if (!isQuoted && field.includes("\r")) throw syntaxError(line, offset, LONE_RETURN);
    if (!isQuoted && field.includes('"')) {
      throw syntaxError(
        line,
        offset,
        `a field expected quotes around all of it, and commas between fields, got ${shown(field)}`,
      );
    }
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

function fieldEnd(text: string, start: number): number {
  const comma = text.indexOf(",", start);
  return comma < 0 ? text.length : comma;
}

/**
 * Returns the position of the quote that closes the one at `start`: the next that is not doubled. A record has an even
 * number of quotes.
 */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

/** The line ends of old programs would make one record of all lines. */
const LONE_RETURN = "a carriage return without a line feed: save the file with line feeds at the ends of lines";

const syntaxError = (line: number, offset: number, message: string): FormatError =>
  new FormatError("csv-syntax", offset, `line ${line}: ${message}`);
