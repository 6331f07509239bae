import type { ColumnMetaData } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";

/** Bytes that any file may inflate to, and those for each of its bytes. */
const FREE_BYTES = 2 ** 28;
const MOST_RATIO = 256;

/** Bounds the bytes that all pages of a file inflate to: a hostile file would have each of its many pages inflate to its limit. */
export class InflationBudget {
  private left: number;
  /** The bytes that each column of a group has taken, which may be read more than once. */
  private readonly taken = new Map<ColumnMetaData, number>();

  constructor(fileBytes: number) {
    this.left = FREE_BYTES + MOST_RATIO * fileBytes;
  }

  /** Gives back what `column` took when it was read before. */
  restart(column: ColumnMetaData): void {
    this.left += this.taken.get(column) ?? 0;
    this.taken.set(column, 0);
  }

  /** FormatError parquet-pages, before anything is inflated. */
  take(column: ColumnMetaData, pageBytes: number): void {
    this.left -= pageBytes;
    this.taken.set(column, (this.taken.get(column) ?? 0) + pageBytes);
    if (this.left >= 0) return;
    throw new FormatError("parquet-pages", 0, "the pages inflate to more bytes than a file of its size may");
  }
}
