import type { IndexInfo } from "../../index.ts";
import type { Evaluation } from "../../train/index.ts";
import type { GateResult } from "./gates.ts";
import type { CpuCost } from "./price.ts";
import type { CallTimes } from "./times.ts";

/** Facts about the evaluated index, or about the parts of a manifest together. */
export type EvaluatedFacts = Pick<
  IndexInfo,
  "itemCount" | "dim" | "metric" | "hasBias" | "factory" | "contentId" | "fileBytes" | "memoryBytes"
>;

/** The result of `eval`. --json prints it as it is; the text and the HTML page are made from it. */
export interface MeasuredIndex {
  readonly file: string;
  readonly queries: string;
  /** The number of queries in the file. `evaluation.queryCount` of them were used. */
  readonly availableQueries: number;
  readonly index: EvaluatedFacts;
  readonly evaluation: Evaluation;
  readonly times: CallTimes;
  readonly cost: CpuCost;
  readonly gates: readonly GateResult[];
  readonly madeBy: MadeBy;
}

export interface MadeBy {
  readonly command: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly midx: string;
  readonly node: string;
  readonly processor: string;
}
