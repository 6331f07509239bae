/** The results of a scan of all rows that an answer needs. */
export interface RowsWanted {
  /** The number of best classes. */
  readonly k: number;
  /** The masses that are summed: none, those of the scores, or for int8 rows also those with their remainders. */
  readonly masses: "none" | "scores" | "remainders";
}

/** The results of reading all rows for one query of a block. */
export interface RowsAhead extends RowsWanted {
  /** The place of the query in the block, and so of its heap of the best classes. */
  readonly slot: number;
  /** The number of rows read. */
  readonly scored: number;
  /** The logarithms of the masses of the blocks of rows. */
  readonly logMasses: Float64Array;
  /** The same logarithms for masses with remainders. */
  readonly wholeLogMasses: Float64Array;
}

/** A first pass over int8 rows with a query of 7 bits, and a score that k rows reach (assembly/scan/rows.ts). */
export interface SevenBitPass {
  readonly ratio: number;
  readonly margin: number;
  readonly threshold: number;
}

/** Sees the address of scores and their number. -Infinity follows the last one. */
export type VisitScores = (scores: number, count: number) => void;

/** Reads rows for several queries at once (src/batch). */
export interface BatchReader {
  /** The results of all rows for the query in place, if they were read for its block of queries. */
  readonly ahead: RowsAhead | undefined;
  /** Answers are being collected that all rows will be read for, probably those of a whole block of queries. */
  readonly collectsMany: boolean;

  /**
   * Answers `count` queries under the conditions in place. `place` puts the query of a row in place. An answer that needs all
   * rows, or a prediction, is given up, and made again once rows or predictions exist for a block of queries. With
   * `isPrediction` answers read no positions and scores of the head and the draws.
   */
  answer<T>(count: number, place: (row: number) => void, answer: (row: number) => T, isPrediction?: boolean): T[];

  /**
   * Takes the results of all rows for the query in place: the best classes into topIds and topScores, as a heap, and the
   * logarithms of the masses of the blocks of rows into the arrays. Returns the numbers of rows and of blocks, or undefined
   * where the query has to read the rows itself. Gives the answer up while answers are collected.
   */
  take(
    k: number,
    masses: RowsWanted["masses"],
    logMasses?: Float64Array,
    wholeLogMasses?: Float64Array,
  ): { readonly scored: number; readonly blocks: number } | undefined;

  /**
   * Collects the k best of the rows that can reach a threshold into topIds and topScores, as a heap. Returns the number of
   * blocks read: all of them, or 0 where the query has to read the rows itself.
   */
  takeReaching?(k: number, pass: SevenBitPass): number;

  /** Frees resources outside of the memory of the index. */
  dispose?(): void;

  /**
   * Puts in place what the kernel `predict` would leave with these arguments for a prediction. Returns false where the kernel
   * has to be called. Gives the answer up while predictions are collected.
   */
  predict(k: number, scan: number, draws: number, seed: bigint): boolean;

  /**
   * Puts the query of the answer that is being made in place, if only its prediction is, which is then forgotten. Returns whether
   * it did.
   */
  placeQuery(): boolean;

  /** Shows the scores of all rows that are not filtered out, for `count` queries. `visitOf` gives the visitor of a query. */
  visit(count: number, place: (row: number) => void, visitOf: (row: number) => VisitScores): void;
}
