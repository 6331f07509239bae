import { MAX_DIM } from "../../format/limits.ts";

/** The number of rows in which a whole number may not come twice, and the least number of rows that say anything. */
const FIRST_ROWS = 64;
const LEAST_ROWS = 8;

/**
 * Finds columns that may be ids of the rows and no values: whole numbers alone, each of them once in the first rows, beside columns
 * of fractions.
 */
export class WholeColumns {
  /** The whole numbers of the first rows, by column. */
  private readonly wholes = new Map<number, Set<number>>();
  private readonly others = new Set<number>();
  private haveFractions = false;

  /** Takes note of a value of a column, as far as rows can be so long. */
  see(column: number, value: number): void {
    if (column > MAX_DIM || this.others.has(column) || Number.isNaN(value)) return;
    const seen = this.wholes.get(column) ?? new Set();
    const isWhole = Number.isInteger(value);
    this.haveFractions ||= !isWhole;
    if (!isWhole || (seen.size < FIRST_ROWS && seen.has(value))) {
      this.others.add(column);
      this.wholes.delete(column);
      return;
    }
    if (seen.size < FIRST_ROWS) seen.add(value);
    this.wholes.set(column, seen);
  }

  /** Returns the columns that were found. */
  found(): number[] {
    if (!this.haveFractions) return [];
    return [...this.wholes].flatMap(([column, seen]) => (seen.size >= LEAST_ROWS ? [column] : []));
  }
}
