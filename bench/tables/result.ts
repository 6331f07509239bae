import type { Measure, SetName } from "./sets.ts";
import type { Trained } from "./training.ts";

/** The contents of bench/results/tables.json. */
export interface TablesResult {
  readonly machine: string;
  readonly node: string;
  readonly sets: readonly SetFacts[];
  readonly runs: readonly Trained[];
}

export interface SetFacts {
  readonly name: SetName;
  readonly measure: Measure;
  readonly ks: readonly number[];
  readonly epochs: number;
  readonly classCount: number;
  readonly examples: number;
  /** The share of classes that no example to learn from has as a positive. */
  readonly unseenClasses: number;
  /** The share of the test part's positives that are of such classes. */
  readonly unseenPositives: number;
}
