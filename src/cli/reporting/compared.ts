import type { IndexInfo } from "../../index.ts";
import type { Evaluation } from "../../train/index.ts";
import type { RequestMean } from "../../train/policy/estimates.ts";
import type { CpuCost } from "../evaluating/price.ts";
import type { CallTimes } from "../evaluating/times.ts";
import type { JoinedValue } from "../policy/joined-value.ts";

/** A pair: the value for the first index or policy, and the one for the second. */
export type Pair<T> = readonly [first: T, second: T];

/** The facts and measurements of one of the two. */
export interface Side {
  readonly file: string;
  readonly index: Pick<
    IndexInfo,
    "itemCount" | "dim" | "metric" | "factory" | "contentId" | "fileBytes" | "memoryBytes"
  >;
  /** The temperature of its policy. */
  readonly temperature: number;
  readonly evaluation: Evaluation;
  /** The times of each round, in which the two took turns. */
  readonly rounds: readonly CallTimes[];
  /** The medians of the rounds. */
  readonly times: CallTimes;
  readonly cost: CpuCost;
  /** The value that its policy would have earned, if there are logs. */
  readonly value?: JoinedValue;
}

/** Two indexes or policies side by side. --json prints it as it is, and the page is made from it. */
export interface Compared {
  readonly sides: Pair<Side>;
  readonly queries: string;
  /** The same queries as the model of the second makes them, if it is another one. */
  readonly queriesB?: string;
  readonly queryCount: number;
  /** The share of the best classes that predict finds: the second minus the first, by query. */
  readonly recall: RequestMean & { readonly k: number };
  /** The value of the second minus the value of the first, by request. */
  readonly value?: RequestMean;
  readonly madeBy: { readonly date: string; readonly midx: string; readonly node: string; readonly processor: string };
}
