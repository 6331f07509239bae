import { table } from "../page.ts";
import type { Latency, ScaleOutResult } from "./result.ts";

const cell = ({ median, p99 }: Latency): string => `${median.toFixed(2)} (${p99.toFixed(1)})`;

/** Returns the latencies by the number of parts, as Markdown. */
export function latencyTable({ machine, node, rows, dim, requests, one, split }: ScaleOutResult): string {
  const counts = `${rows.toLocaleString("en")} × ${dim} made-up rows as int8`;
  const lines = split.map(({ parts, process, objects, empty, http }) => [
    String(parts),
    ...[process, objects, empty, http].map(cell),
    (objects.median / (empty.median + process.median)).toFixed(2),
  ]);
  return [
    `${counts}, \`predict\` with its defaults, one request after the other: the median in milliseconds, with the 99th percentile of ${requests} requests in brackets. Measured on ${machine}, Node ${node}, where everything shares two cores. "Empty" is the time of as many requests at once to objects that return nothing. "Ratio" is the time of the objects divided by the sum of "empty" and "one process".`,
    table(["parts", "one process", "Durable Objects", "empty", "processes over HTTP", "ratio"], 0, [
      ["one index", cell(one.process), `${cell(one.worker)} (a Worker)`, "", cell(one.http), ""],
      ...lines,
    ]),
  ].join("\n\n");
}
