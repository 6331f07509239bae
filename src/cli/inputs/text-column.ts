import { quoteName } from "../../bytes/strict-json.ts";
import { isValue, listLength } from "./csv-fields.ts";

/** A fault of a column, with the byte of its place. */
interface Fault {
  readonly message: string;
  readonly offset: number;
}

/** A column of a .csv file that begins with text, and so holds no values, unless the rest of it shows that it was meant to. */
export class TextColumn {
  private readonly first: { readonly field: string; readonly place: string; readonly offset: number };
  /** The numbers that the first field lists. */
  private readonly listed: number;
  private fields = 1;
  private numbers = 0;

  constructor(field: string, place: string, offset: number) {
    this.first = { field, place, offset };
    this.listed = listLength(field);
  }

  /** Takes note of a field after the first one. */
  see(field: string): void {
    if (field.trim() === "") return;
    this.fields++;
    if (isValue(field)) this.numbers++;
  }

  /**
   * Returns what is wrong if most fields are numbers, or if each lists more numbers than there are columns of them: it would be
   * left out as text, and a price beside it taken for the row.
   */
  fault(column: string, valueColumns: number): Fault | undefined {
    const { fields, numbers, listed } = this;
    const { field, place, offset } = this.first;
    if (2 * numbers > fields) {
      const most = `as ${numbers} of the ${fields} fields of this column are numbers`;
      const remedy = "correct it, or remove the column if it is no value of the rows";
      return { message: `${place} expected a number, got ${quoteName(field)}, ${most}: ${remedy}`, offset };
    }
    if (listed <= valueColumns) return undefined;
    const remedy = "write each value into a column of its own, with commas between them, or the lists into a .jsonl";
    return { message: `column ${column} lists ${listed} numbers in a field, expected one: ${remedy}`, offset: 0 };
  }
}
