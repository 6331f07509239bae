// @ts-check
// The printed report of a value.

/** @typedef {import("./estimates.js").Mean} Mean */

/**
 * Formats a value for people; ± is one standard error.
 * @param {import("./value.js").PolicyValue} value
 */
export function report(value) {
  const { requests, loggedRequests, draws, largest, unusedRewards, versions } = value;
  const spread = (/** @type {Mean} */ { mean, standardError }) =>
    `${mean.toFixed(4)} ± ${Number.isNaN(standardError) ? "unknown" : standardError.toFixed(4)}`;
  const share = ((100 * requests) / loggedRequests).toFixed(1);
  return [
    ["requests", `${requests} of ${loggedRequests} logged (${share} %), ${draws} draws`],
    ["versions that drew", versions.join(", ")],
    ["logged policy", `${spread(value.logged)}, deviation of a request ${value.logged.deviation.toFixed(4)}`],
    ["candidate, IPS", `${spread(value.ips)}, deviation of a request ${value.ips.deviation.toFixed(4)}`],
    ["candidate, SNIPS", spread(value.snips)],
    ["difference, IPS", spread(value.difference)],
    ["difference, SNIPS", spread(value.snipsDifference)],
    ["mean weight", `${spread(value.meanWeight)}, 1 expected`],
    ["effective requests", value.effectiveRequests.toFixed(1)],
    ["largest weight", `${largest.weight.toFixed(2)}, of class ${largest.id} in request ${largest.requestId}`],
    ...(unusedRewards > 0 ? [["rewards of no draw", String(unusedRewards)]] : []),
  ].map(([name, text]) => `${String(name).padEnd(20)}${text}`);
}
