import { FormatError } from "../../errors.ts";
import { CsvColumns, hasNames } from "./csv-columns.ts";
import { numberOf } from "./csv-fields.ts";
import { type CsvRecord, recordsOf } from "./csv-records.ts";
import { checkDim } from "./dim.ts";
import type { InputFile } from "./file.ts";
import type { OpenTable, TableRequest } from "./table.ts";
import { chunksOf, skipRows, type TextRow, textReadingBytes } from "./text-rows.ts";

/**
 * Comma-separated values (RFC 4180) in UTF-8: the columns of numbers are the values, but for the one with the ids; columns of
 * text are passed over. Empty fields, nan and inf stand for values that are not finite.
 * FormatError: csv-syntax, csv-row, csv-columns, text-utf8.
 */
export const openCsv: OpenTable = async (file, request) => {
  const { itemCount, columns, labels, namesRecords } = await surveyRecords(file, request);
  const values = columns.values();
  if (values.length === 0) throw new FormatError("csv-columns", 0, "no column of numbers");
  checkDim(values.length, request);
  return {
    itemCount,
    dim: values.length,
    labels,
    readingBytes: textReadingBytes(file.byteLength),
    chunks: (chunkRows, firstRow) => {
      const records = skipRows(recordsOf(file), namesRecords + firstRow);
      return chunksOf(rowsOf(records, values), values.length, chunkRows, itemCount - firstRow);
    },
  };
};

interface CsvSurvey {
  readonly itemCount: number;
  readonly columns: CsvColumns;
  readonly labels: readonly string[] | undefined;
  /** Records in front of the rows: 1 if the first line has names. */
  readonly namesRecords: 0 | 1;
}

/** Reads all records once. */
async function surveyRecords(file: InputFile, request: TableRequest): Promise<CsvSurvey> {
  const records = recordsOf(file);
  try {
    return await survey(records, request);
  } finally {
    await records.return(undefined);
  }
}

async function survey(records: AsyncGenerator<CsvRecord>, request: TableRequest): Promise<CsvSurvey> {
  const first = (await records.next()).value as CsvRecord | undefined;
  const second = (await records.next()).value as CsvRecord | undefined;
  const width = first?.fields.length ?? 0;
  const named = first !== undefined && hasNames(first.fields, second?.fields, request);
  const columns = new CsvColumns(width, named ? first.fields : undefined, request);
  const labels: string[] = [];
  let itemCount = 0;
  const see = (record: CsvRecord): void => {
    columns.see(record);
    if (columns.labels !== undefined) labels.push(record.fields[columns.labels] as string);
    itemCount++;
  };
  if (first && !named) see(first);
  if (second) see(second);
  for await (const record of records) see(record);
  return { itemCount, columns, labels: columns.labels === undefined ? undefined : labels, namesRecords: named ? 1 : 0 };
}

async function* rowsOf(records: AsyncIterable<CsvRecord>, columns: readonly number[]): AsyncGenerator<TextRow> {
  for await (const { fields, line, offset } of records) {
    yield { values: columns.map((c) => numberOf(fields[c] ?? "") ?? Number.NaN), line, offset };
  }
}
