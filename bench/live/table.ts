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
    `Measured on ${machine}, Node ${node}; ${head}. Times are medians of calls that took turns in one process, in units of that of the same call without changes.`,
    table(["changes", ...names], 1, grouped(rows)),
    "Sets of one row with a key, in units of what the last column names, which took turns with them. Several calls at once share one process.",
    table(["log", "calls at once", "rate", "in units of"], 1, grouped(rates)),
  ].join("\n\n");
}
