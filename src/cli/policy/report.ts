import type { RequestMean } from "../../train/policy/estimates.ts";
import { fixed } from "../output/fixed.ts";
import type { JoinedValue } from "./joined-value.ts";

/** Formats a value for people. ± is one standard error, and brackets are a 95 % interval. */
export function valueFacts(value: JoinedValue): [name: string, value: string][] {
  const { requests, loggedRequests, draws, largest, unusedRewards, versions } = value;
  const share = ((100 * requests) / loggedRequests).toFixed(1);
  const robust = (name: string, mean: RequestMean | undefined): [string, string][] =>
    mean ? [[name, interval(mean)]] : [];
  return [
    ["requests", `${requests} of ${loggedRequests} logged (${share} %), ${draws} draws`],
    ["versions that drew", versions.join(", ")],
    ["logged policy", `${interval(value.logged)}, deviation of a request ${error(value.logged.deviation)}`],
    ["candidate, IPS", `${interval(value.ips)}, deviation of a request ${error(value.ips.deviation)}`],
    ["candidate, SNIPS", interval(value.snips)],
    ...robust("candidate, doubly robust", value.doublyRobust),
    ["difference, IPS", interval(value.difference)],
    ["difference, SNIPS", interval(value.snipsDifference)],
    ...robust("difference, doubly robust", value.doublyRobustDifference),
    ["mean weight", `${spread(value.meanWeight)}, 1 expected`],
    ["effective requests", value.effectiveRequests.toFixed(1)],
    ["largest weight", `${largest.weight.toFixed(2)}, of class ${largest.id} in request ${largest.requestId}`],
    ...(unusedRewards > 0 ? ([["rewards of no draw", String(unusedRewards)]] as [string, string][]) : []),
  ];
}

/** A single request tells nothing about errors. */
const error = (value: number): string => (Number.isNaN(value) ? "unknown" : fixed(value, 4));

const spread = ({ mean, standardError }: RequestMean): string => `${fixed(mean, 4)} ± ${error(standardError)}`;

const interval = (value: RequestMean): string =>
  Number.isNaN(value.low) ? spread(value) : `${spread(value)} [${fixed(value.low, 4)}, ${fixed(value.high, 4)}]`;
