import type { IndexInfo } from "../../index.ts";
import type { Evaluation } from "../../train/index.ts";
import type { GateResult } from "./gates.ts";
import type { CpuCost } from "./price.ts";
import type { CallTimes } from "./times.ts";

/** The findings of `eval`: --json prints them as they are, otherwise they become tables or a page. */
export interface MeasuredIndex {
  readonly file: string;
  readonly queries: string;
  /** Queries in the file, of which evaluation.queryCount were taken. */
  readonly availableQueries: number;
  readonly index: IndexInfo;
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
