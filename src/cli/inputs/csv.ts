import { FormatError } from "../../bytes/format-error.ts";
import type { InputFile } from "../files/input-file.ts";
import { CsvColumns, hasNames } from "./csv-columns.ts";
import { numberOf, typedField } from "./csv-fields.ts";
import { type CsvRecord, recordsOf } from "./csv-records.ts";
import type { DeclaredField } from "./declared-columns.ts";
import { checkDim } from "./dim.ts";
import type { OpenTable, TableRequest } from "./table.ts";
import { chunksOf, type Pieces, skipRows, type TextRow, textReadingBytes } from "./text-rows.ts";

/**
 * Opens comma-separated values (RFC 4180) in UTF-8. The columns of numbers are the values, except for the id column. Columns
 * of text are left out. Empty fields, nan and inf are values that are not finite.
 *
 * @throws FormatError csv-syntax, csv-row, csv-columns, text-utf8
 */
export const openCsv: OpenTable = async (file, request) => {
  const { itemCount, columns, labels, fields, namesRecords } = await surveyRecords(file, request);
  const values = columns.values();
  if (values.length === 0) throw new FormatError("csv-columns", 0, `there is no column of numbers${columns.hint()}`);
  checkDim(values.length, request, columns.namesOf(values));
  return {
    itemCount,
    dim: values.length,
    labels,
    fields,
    inputColumns: columns.inputColumns(values),
    readingBytes: textReadingBytes(file.byteLength),
    chunks: (chunkRows, firstRow) => {
      const records = skipRows(recordsOf(file), namesRecords + firstRow);
      const shown = values.map((c) => columns.shown(c));
      return chunksOf(rowsOf(records, values), values.length, chunkRows, itemCount - firstRow, shown);
    },
  };
};

interface CsvSurvey {
  readonly itemCount: number;
  readonly columns: CsvColumns;
  readonly labels: readonly string[] | undefined;
  readonly fields: readonly (readonly unknown[])[];
  /** The number of records in front of the rows: 1 if the first line has names. */
  readonly namesRecords: 0 | 1;
}

/** Reads all records once. The first two decide whether there are names. */
async function surveyRecords(file: InputFile, request: TableRequest): Promise<CsvSurvey> {
  const first: CsvRecord[] = [];
  let survey: Survey | undefined;
  for await (const records of recordsOf(file)) {
    for (const record of records) {
      if (survey) survey.see(record);
      else if (first.push(record) === 2) survey = new Survey(first, request);
    }
  }
  return (survey ?? new Survey(first, request)).result();
}

class Survey {
  private readonly columns: CsvColumns;
  private readonly labels: string[] = [];
  private readonly wanted: readonly DeclaredField[];
  private readonly fields: readonly unknown[][];
  private readonly isNamed: boolean;
  private itemCount = 0;

  constructor([first, second]: readonly CsvRecord[], request: TableRequest) {
    this.isNamed = first !== undefined && hasNames(first.fields, second?.fields, request);
    this.columns = new CsvColumns(first?.fields.length ?? 0, this.isNamed ? first?.fields : undefined, request);
    this.wanted = request.fields ?? [];
    this.fields = this.wanted.map(() => []);
    if (first && !this.isNamed) this.see(first);
    if (second) this.see(second);
  }

  see(record: CsvRecord): void {
    this.columns.see(record);
    if (this.columns.labels !== undefined) this.labels.push(record.fields[this.columns.labels] as string);
    for (const [i, column] of this.columns.fields.entries()) {
      const { type } = this.wanted[i] as DeclaredField;
      this.fields[i]?.push(typedField(record.fields[column] as string, type));
    }
    this.itemCount++;
  }

  result(): CsvSurvey {
    const { itemCount, columns, labels, fields, isNamed } = this;
    return {
      itemCount,
      columns,
      fields,
      labels: columns.labels === undefined ? undefined : labels,
      namesRecords: isNamed ? 1 : 0,
    };
  }
}

async function* rowsOf(pieces: Pieces<CsvRecord>, columns: readonly number[]): AsyncGenerator<Iterable<TextRow>> {
  for await (const records of pieces) yield valuesOf(records, columns);
}

function* valuesOf(records: Iterable<CsvRecord>, columns: readonly number[]): Generator<TextRow> {
  for (const { fields, line, offset } of records) {
    yield { values: columns.map((c) => numberOf(fields[c] ?? "") ?? Number.NaN), line, offset };
  }
}
