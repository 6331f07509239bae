import { CsvError, parse } from "csv-parse/sync";
import { FormatError } from "../../errors.ts";
import type { InputFile } from "./file.ts";
import { linesOf, MAX_LINE_BYTES } from "./text-lines.ts";

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line it begins at, counted from 1, and its first byte. */
  readonly line: number;
  readonly offset: number;
}

/**
 * Records of a .csv file, but for empty lines. Most have no quotes and are split at their commas, several times as fast as
 * by the parser, which reads the others. FormatError: csv-syntax, and those of text-lines.ts.
 */
export async function* recordsOf(file: InputFile): AsyncGenerator<CsvRecord> {
  /** Lines of a record that ends behind them: a quote is open. */
  let begun: { readonly text: string; readonly line: number; readonly offset: number } | undefined;
  for await (const { text, number, offset } of linesOf(file)) {
    if (begun === undefined && text === "") continue;
    const { line, offset: start } = begun ?? { line: number, offset };
    const whole: string = begun === undefined ? text : `${begun.text}\n${text}`;
    if (whole.length > MAX_LINE_BYTES) throw syntaxError(line, start, "a quote is open for too long");
    begun = isOpen(text) === (begun === undefined) ? { text: whole, line, offset: start } : undefined;
    if (begun === undefined) yield { fields: fieldsOf(whole, line, start), line, offset: start };
  }
  if (begun) throw syntaxError(begun.line, begun.offset, "a quote is not closed");
}

/** Whether a line opens a quote that it does not close, or closes one and opens none. */
function isOpen(text: string): boolean {
  let open = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) open = !open;
  return open;
}

function fieldsOf(text: string, line: number, offset: number): readonly string[] {
  if (!text.includes('"')) return text.split(",");
  try {
    const [record, ...others] = parse(text, { relax_column_count: true, record_delimiter: "\n" });
    if (record && others.length === 0) return record;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw syntaxError(line, offset, error.message);
  }
  throw syntaxError(line, offset, "a quote in the middle of a field");
}

const syntaxError = (line: number, offset: number, message: string): FormatError =>
  new FormatError("csv-syntax", offset, `line ${line}: ${message}`);
