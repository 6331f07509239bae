import type { Origin } from "../origin.ts";

/** The contents of bench/results/compaction.json. */
export interface CompactionResult extends Origin {
  readonly itemCount: number;
  readonly dim: number;
  /** Rows that change: half of them get another row, half are removed, and as many new ones come as are removed. */
  readonly changed: number;
  readonly ways: readonly Way[];
}

/** One way for an index to take the changes, or to be built anew with them. */
export interface Way {
  readonly name: string;
  /** The CPU time in ms. */
  readonly millis: number;
  /** The number of turns whose median `millis` is. */
  readonly turns: number;
  /** The share of the ten best classes of the table that the index finds before it is changed. Absent if it is built anew. */
  readonly recallBefore?: number;
  /** The same of the changed table. */
  readonly recall: number;
  /** The effort of its searches, in words. */
  readonly asked: string;
}
