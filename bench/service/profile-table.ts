import { placeOf } from "../origin.ts";
import { table } from "../page.ts";
import type { ProfileResult, RequestCosts } from "./profile-result.ts";

const micros = (value: number): string => String(Math.round(value));
const share = (costs: RequestCosts): string => (costs.sameSize / costs.predict).toFixed(2);

export function profileTable({
  itemCount,
  connections,
  workerd,
  nodeServer,
  call,
  outside,
  ...origin
}: ProfileResult): string {
  const both = (of: (costs: RequestCosts) => string): string[] => [of(workerd), of(nodeServer)];
  return [
    `CPU time of the server for a request in µs, measured on ${placeOf(origin)}; ${itemCount.toLocaleString("en")} classes × 64, ` +
      `int8 rows, ${connections} connections; median of the rounds.`,
    table(["of a request", "workerd", "Node"], 1, [
      ["connection, hono, JSON: a route that scores nothing", ...both(({ nothing }) => micros(nothing))],
      ["an answer of the same size", ...both(({ nothing, sameSize }) => micros(sameSize - nothing))],
      ["guards, checks, ids, metrics, headers", ...both(({ sameSize, kept }) => micros(kept - sameSize))],
      [
        `the call of the library (${micros(call)} in a loop of calls, ${outside.toFixed(1)} of it outside of kernels)`,
        ...both(({ kept, predict }) => micros(predict - kept)),
      ],
      ["`/v1/predict`", ...both(({ predict }) => micros(predict))],
      ["the route with an answer of the same size, over `/v1/predict`", ...both(share)],
    ]),
  ].join("\n\n");
}
