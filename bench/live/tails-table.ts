import { table } from "../page.ts";

/** The cost of a call of an object. */
export interface TailCost {
  /** The sets of one row that the call returns. Absent for the call of an object that answers nothing. */
  readonly sets?: number;
  readonly perSecond: number;
  /** CPU microseconds of workerd for a call, those of the caller included. */
  readonly cpuMicros: number;
}

/** The contents of bench/results/log-tails.json. */
export interface TailCosts {
  readonly machine: string;
  readonly costs: readonly TailCost[];
}

/** Returns the cost of tails, as Markdown. */
export function tailsTable({ machine, costs }: TailCosts): string {
  const rows = costs.map(({ sets, perSecond, cpuMicros }) => [
    sets === undefined ? "an object that answers nothing" : `a tail that finds ${setsText(sets)}`,
    Math.round(perSecond).toLocaleString("en"),
    cpuMicros.toFixed(0),
  ]);
  return [
    `Calls of one Durable Object in workerd, on ${machine}. A set is one row of 64 values. The CPU time is that of workerd, which also runs the isolate that calls; other work on the machine lowers the rates more than it raises this time.`,
    table(["call", "a second", "CPU µs"], 1, rows),
  ].join("\n\n");
}

const setsText = (sets: number): string => (sets === 0 ? "nothing new" : sets === 1 ? "one set" : `${sets} sets`);
