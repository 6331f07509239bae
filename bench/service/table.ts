import { placeOf } from "../origin.ts";
import { table } from "../page.ts";
import type { ServiceResult } from "./result.ts";

const BASELINE = "a route that scores nothing";
const count = (value: number): string => Math.round(value).toLocaleString("en");
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Both set-ups side by side. Failures are summed in the line above the table. */
function rateTable(bare: ServiceResult["bare"], local: ServiceResult["local"]): string {
  const cells = (rates: ServiceResult["bare"], name: string): string[] => {
    const { requestsPerSecond = Number.NaN, p99 = Number.NaN } = rates[name] ?? {};
    const nothing = rates[BASELINE]?.requestsPerSecond ?? Number.NaN;
    return [count(requestsPerSecond), (requestsPerSecond / nothing).toFixed(2), String(p99)];
  };
  const head = [
    "request",
    "requests/s",
    "share of the first",
    "p99, ms",
    "behind Miniflare",
    "share of the first",
    "p99, ms",
  ];
  return table(
    head,
    1,
    Object.keys(bare).map((name) => [name, ...cells(bare, name), ...cells(local, name)]),
  );
}

export function serviceTable(result: ServiceResult): string {
  const { wrangler, itemCount, connections, bare, local, swaps, overload, worst, soak } = result;
  const failed = [bare, local].flatMap((rates) => Object.values(rates)).reduce((sum, rate) => sum + rate.failed, 0);
  const statuses = Object.entries(overload.statuses)
    .filter(([, answers]) => answers > 0)
    .map(([status, answers]) => `${count(answers)} × ${status === "0" ? "no answer" : status}`);
  const worstStatuses = [...new Set(worst.map(({ status }) => status))].join(", ");
  return [
    `Measured on ${placeOf(result)}, the workerd of wrangler ${wrangler}; ${count(itemCount)} classes × 64, int8 rows, ` +
      `${connections} connections; p99 of the worst round; ${failed} requests failed.`,
    rateTable(bare, local),
    `${swaps.swaps} swaps under load: of ${count(swaps.answers)} answers meanwhile, ${swaps.failed} failed, and ${swaps.wrong} ` +
      `differed from what the version that they name answers offline. A new version was served ${swaps.untilServed} ms after ` +
      "its pointer was written (looks every 250 ms).",
    `Overload by ${count(overload.connections)} connections: ${statuses.join(", ")}. The service was as fast as before ` +
      `${count(overload.recovery)} ms after the overload ended.`,
    table(
      [`a request at a limit (status ${worstStatuses})`, "ms"],
      1,
      worst.map(({ name, time }) => [name, time.toFixed(1)]),
    ),
    `${soak.seconds / 60} minutes without a pause: ${count(soak.requests)} requests, ${soak.failed} failed, p99 ${soak.p99} ms. ` +
      `workerd had ${megabytes(soak.bytesBefore)} MB after the first minute and ${megabytes(soak.bytesAfter)} at the end.`,
  ].join("\n\n");
}
