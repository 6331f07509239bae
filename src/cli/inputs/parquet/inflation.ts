import type { ColumnMetaData } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";

/** A file may inflate to FREE_BYTES, and to MOST_RATIO more bytes per byte of the file. */
const FREE_BYTES = 2 ** 28;
const MOST_RATIO = 256;

/**
 * Bounds the total size to which the pages of a file inflate. In a hostile file each of many pages could reach its own
 * limit.
 */
export class InflationBudget {
  private left: number;
  /** The bytes that each column of a group has used. A column may be read more than once. */
  private readonly taken = new Map<ColumnMetaData, number>();

  constructor(fileBytes: number) {
    this.left = FREE_BYTES + MOST_RATIO * fileBytes;
  }

  /** Returns the bytes that `column` used when it was read before to the budget. */
  restart(column: ColumnMetaData): void {
    this.left += this.taken.get(column) ?? 0;
    this.taken.set(column, 0);
  }

  /** Counts a page before it is inflated. Throws FormatError parquet-pages if the budget is exceeded. */
  take(column: ColumnMetaData, pageBytes: number): void {
    this.left -= pageBytes;
    this.taken.set(column, (this.taken.get(column) ?? 0) + pageBytes);
    if (this.left >= 0) return;
    throw new FormatError("parquet-pages", 0, "the pages inflate to more bytes than a file of this size may");
  }
}
