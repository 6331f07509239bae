import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import { UNCHANGED } from "./call-costs.ts";
import type { FilterCost } from "./filter-costs.ts";
import type { LiveResult } from "./result.ts";

/** Returns the cost of changes, filters and writes, as Markdown. */
export function liveTable({ head, calls, filters, writes, ...origin }: LiveResult): string {
  const names = Object.keys(calls);
  const kinds = Object.keys(calls[names[0] as string] ?? {}).filter((kind) => kind !== UNCHANGED);
  const rows = kinds.map((kind) => [withCommas(kind), ...names.map((name) => Number(calls[name]?.[kind]).toFixed(2))]);
  const rates = writes.map(({ log, writers, perSecond, rate, unit }) => [
    ...[log, String(writers), Math.round(perSecond).toLocaleString("en"), rate.toFixed(2), unit],
  ]);
  return [
    `Measured on ${placeOf(origin)}; ${head}. Times are medians of calls that took turns in one process, divided by the time of the same call without changes.`,
    table(["changes", ...names], 1, grouped(rows)),
    "A `predict` with a filter by a range of a number, divided by one without a filter on the same index. The first time, no call had the filter before; again, the call before had it.",
    filterTable(filters),
    "Rates of writes, each of one row and with an idempotency key: per second, on cores with other work, and divided by the rate of what the last column names, which took turns with them. Calls at once share one process.",
    table(["log", "calls at once", "writes a second", "rate", "divided by the rate of"], 1, grouped(rates)),
  ].join("\n\n");
}

/** A line for what has changed, with two cells for each share of classes that pass. */
function filterTable(filters: readonly FilterCost[]): string {
  const shares = [...new Set(filters.map(({ share }) => share))];
  const kinds = [...new Set(filters.map(({ changes }) => changes))];
  return table(
    ["changes", ...shares.flatMap((share) => [`${100 * share} % pass: first`, "again"])],
    1,
    kinds.map((kind) => [
      withCommas(kind),
      ...filters
        .filter(({ changes }) => changes === kind)
        .flatMap(({ first, again }) => [first.toFixed(2), again.toFixed(2)]),
    ]),
  );
}

const withCommas = (kind: string): string => kind.replace(/\d+/, (digits) => Number(digits).toLocaleString("en"));
