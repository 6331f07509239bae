import { placeOf } from "../origin.ts";
import { table } from "../page.ts";
import type { Latency, PartsLatency, ScaleOutResult } from "./result.ts";

const cell = ({ median, p99 }: Latency): string => `${median.toFixed(2)} (${p99.toFixed(1)})`;

/** Returns the time of objects by that of as many empty requests and calls, at the 25th percentile. */
const ratio = (objects: Latency, { empty, process }: PartsLatency): string =>
  (objects.quarter / (empty.quarter + process.quarter)).toFixed(2);

/** Returns the latencies by the number of parts, as Markdown. */
export function latencyTable({ rows, dim, requests, one, split, ...origin }: ScaleOutResult): string {
  const counts = `${rows.toLocaleString("en")} × ${dim} made-up rows as int8`;
  const lines = split.map((latency) => {
    const { parts, process, objects, requested, empty, http } = latency;
    const ratios = [objects, requested].map((each) => ratio(each, latency));
    return [String(parts), ...[process, objects, requested, empty, http].map(cell), ratios.join(" and ")];
  });
  return [
    `${counts}, \`predict\` with its defaults, one request after the other: the median in milliseconds, with the 99th percentile of ${requests} requests in brackets. Measured on ${placeOf(origin)}, where everything shares two cores. "Called" and "requested" are Durable Objects with and without \`base\`. "Empty" is the time of as many requests at once to objects that return nothing. "Ratio" is the time of called and of requested objects divided by the sum of "empty" and "one process", each at its 25th percentile.`,
    table(["parts", "one process", "called", "requested", "empty", "processes over HTTP", "ratio"], 0, [
      ["one index", cell(one.process), `${cell(one.worker)} (a Worker)`, "", "", cell(one.http), ""],
      ...lines,
    ]),
  ].join("\n\n");
}
