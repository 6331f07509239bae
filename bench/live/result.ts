import type { Origin } from "../origin.ts";
import type { CallTimes } from "./call-costs.ts";
import type { FilterCost } from "./filter-costs.ts";

/** The contents of bench/results/live.json. */
export interface LiveResult extends Origin {
  readonly head: string;
  /** The median time of each call with each kind of changes, in units of that of the same call without changes. */
  readonly calls: CallTimes;
  readonly filters: readonly FilterCost[];
  readonly writes: readonly WriteRate[];
}

/** The rate at which a log takes sets of one row. */
export interface WriteRate {
  readonly log: "folder" | "Durable Object" | "bucket of R2";
  /** The calls that are under way at once. */
  readonly writers: number;
  /** Sets a second on this machine, which had other work. */
  readonly perSecond: number;
  /** The same in units of `unit`. */
  readonly rate: number;
  /** The meaning of a rate of 1, in the same run. */
  readonly unit: string;
}
