import type { Measure, SetName } from "./sets.ts";
import type { Trained } from "./training.ts";

/** bench/results/tables.json. */
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
}
