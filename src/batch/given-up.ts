import type { RowsWanted } from "../memory/batch-reader.ts";

/** Ends an answer that needs all rows, which are then read for a block of queries. It is no error, and records no stack. */
export class ScanWanted implements RowsWanted {
  readonly k: number;
  readonly masses: RowsWanted["masses"];

  constructor(k: number, masses: RowsWanted["masses"]) {
    this.k = k;
    this.masses = masses;
  }
}

/** Ends an answer that is made from the results of the kernel `predict`, which is then called for a block of queries. */
export class PredictionWanted {
  readonly k: number;
  readonly scan: number;
  readonly draws: number;
  readonly seed: bigint;

  constructor(k: number, scan: number, draws: number, seed: bigint) {
    this.k = k;
    this.scan = scan;
    this.draws = draws;
    this.seed = seed;
  }

  /** Returns true if a kernel with these arguments leaves the same. */
  is(k: number, scan: number, draws: number, seed: bigint): boolean {
    return k === this.k && scan === this.scan && draws === this.draws && seed === this.seed;
  }
}

/** The work that an answer was given up for. */
export type GivenUp = ScanWanted | PredictionWanted;
