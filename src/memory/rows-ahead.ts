/** What an answer needs of all rows. */
export interface RowsWanted {
  /** How many of the best classes. */
  readonly k: number;
  /** The masses that are summed: none, those of the scores, or for int8 rows also those with their remainders. */
  readonly masses: "none" | "scores" | "remainders";
  /** Sees every block of rows. */
  readonly visit?: VisitRows | undefined;
}

/** Sees the addresses of positions and scores, and their number. -Infinity follows the last score. */
export type VisitRows = (positions: number, scores: number, count: number) => void;

/** What all rows have given one query of a block, before its answer is made (src/answers/block-scan.ts). */
export interface RowsAhead extends RowsWanted {
  /** The place of the query in the block, and so of its heap of the best classes. */
  readonly slot: number;
  /** The number of rows read. */
  readonly scored: number;
  /** The logarithms of the masses of the blocks of rows. */
  readonly logMasses: Float64Array;
  /** The same with remainders. */
  readonly wholeLogMasses: Float64Array;
}
