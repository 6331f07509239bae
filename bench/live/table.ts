import { grouped, table } from "../page.ts";
import { UNCHANGED } from "./call-costs.ts";
import type { LiveResult } from "./result.ts";

/** Returns the cost of changes for a call, as Markdown. */
export function liveTable({ machine, node, head, calls, writes }: LiveResult): string {
  const names = Object.keys(calls);
  const kinds = Object.keys(calls[names[0] as string] ?? {}).filter((kind) => kind !== UNCHANGED);
  const rows = kinds.map((kind) => [
    kind.replace(/\d+/, (digits) => Number(digits).toLocaleString("en")),
    ...names.map((name) => Number(calls[name]?.[kind]).toFixed(2)),
  ]);
  const rates = writes.map(({ log, writers, rate, unit }) => [log, String(writers), rate.toFixed(2), unit]);
  return [
    `Measured on ${machine}, Node ${node}; ${head}. Times are medians of calls that took turns in one process, divided by the time of the same call without changes.`,
    table(["changes", ...names], 1, grouped(rows)),
    "Rates of writes, each of one row and with an idempotency key, divided by the rate of what the last column names. The two took turns. Calls at once share one process.",
    table(["log", "calls at once", "rate", "divided by the rate of"], 1, grouped(rates)),
  ].join("\n\n");
}
