import { table } from "../page.ts";
import type { ServiceResult } from "./result.ts";

const BASELINE = "a route that scores nothing";
const count = (value: number): string => Math.round(value).toLocaleString("en");
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function rateTable(rates: ServiceResult["bare"]): string {
  const nothing = rates[BASELINE]?.requestsPerSecond ?? Number.NaN;
  const rows = Object.entries(rates).map(([name, { requestsPerSecond, p50, p99, failed }]) => [
    name,
    count(requestsPerSecond),
    (requestsPerSecond / nothing).toFixed(2),
    String(p50),
    String(p99),
    String(failed),
  ]);
  return table(["asked", "requests/s", "of the first", "p50, ms", "p99, ms (worst round)", "failed"], 1, rows);
}

export function serviceTable(result: ServiceResult): string {
  const { machine, node, wrangler, itemCount, connections, bare, local, swaps, overload, worst, soak } = result;
  const statuses = Object.entries(overload.statuses)
    .filter(([, answers]) => answers > 0)
    .map(([status, answers]) => `${count(answers)} × ${status === "0" ? "no answer" : status}`);
  return [
    `Measured on ${machine}; Node ${node}, the workerd of wrangler ${wrangler}; ${count(itemCount)} classes × 64, int8 rows, ` +
      `${connections} connections.`,
    "workerd alone:",
    rateTable(bare),
    "workerd behind the Worker that Miniflare, and so `wrangler dev`, puts in front:",
    rateTable(local),
    `Swaps under load: ${swaps.swaps}, with ${count(swaps.answers)} answers meanwhile, ${swaps.failed} failed, ` +
      `${swaps.wrong} other than what the version that they name answers offline; a new version was served ` +
      `${swaps.untilServed} ms after its pointer (looks every 250 ms).`,
    `Overload, ${count(overload.connections)} connections: ${statuses.join(", ")}; as fast as before ` +
      `${count(overload.recovery)} ms after its end.`,
    table(
      ["a request at a limit", "status", "body, bytes", "ms"],
      1,
      worst.map(({ name, status, bodyBytes, time }) => [name, String(status), count(bodyBytes), time.toFixed(1)]),
    ),
    `${soak.seconds / 60} minutes without a pause: ${count(soak.requests)} requests, ${soak.failed} failed, p99 ${soak.p99} ms; ` +
      `workerd had ${megabytes(soak.bytesBefore)} MB after the first minute and ${megabytes(soak.bytesAfter)} at the end.`,
  ].join("\n\n");
}
