// @ts-check
// Joins draws, rewards and queries, and weights each draw by the probability that the candidate gives it.
import { Requests } from "./estimates.js";
import { classKey } from "./inputs.js";
import { InputError } from "./json-lines.js";

/** @typedef {import("./inputs.js").LoggedDraws} LoggedDraws */
/** @typedef {Awaited<ReturnType<typeof policyValue>>} PolicyValue */
/**
 * @typedef {object} Joined
 * @property {Iterable<LoggedDraws> | AsyncIterable<LoggedDraws>} draws
 * @property {Awaited<ReturnType<typeof import("./inputs.js").readRewards>>} rewards
 * @property {Awaited<ReturnType<typeof import("./inputs.js").readQueries>>} queries
 */
/**
 * @typedef {object} ValueOptions
 * @property {"zero" | "none"} [missing] a draw without a reward has reward 0, or is left out
 * @property {number} [clip] weights above it are it, which biases what they estimate
 * @property {string} [version] only what this version drew
 */

/**
 * InputError where nothing can be said: no draw with a query (and a reward), or none that the candidate could draw.
 * @param {Joined} joined
 * @param {import("./candidate.js").Candidate} candidate
 * @param {ValueOptions} [options]
 */
export async function policyValue({ draws: logged, rewards, queries }, candidate, options = {}) {
  const { missing = "zero", clip = Number.POSITIVE_INFINITY, version } = options;
  const requests = new Requests();
  /** @type {Record<"logged" | "versions" | "used", Set<string>>} */
  const seen = { logged: new Set(), versions: new Set(), used: new Set() };
  let [draws, largest] = [0, { weight: 0, requestId: "", id: -1 }];
  for await (const row of logged) {
    if (version !== undefined && row.version !== version) continue;
    seen.logged.add(row.requestId);
    const query = queries.get(row.key);
    if (query === undefined) continue;
    const logPi = candidate(row, query);
    const weighted = [];
    for (const [i, id] of row.ids.entries()) {
      const reward = rewardOf(row, i, rewards, seen.used) ?? (missing === "zero" ? 0 : undefined);
      if (reward === undefined) continue;
      const weight = Math.min(clip, Math.exp(Number(logPi[i]) - Number(row.logQ[i])));
      weighted.push({ weight, reward });
      if (weight > largest.weight) largest = { weight, requestId: row.requestId, id };
    }
    if (weighted.length === 0) continue;
    draws += weighted.length;
    seen.versions.add(row.version);
    requests.add(row.requestId, weighted);
  }
  if (requests.count === 0) throw new InputError(nothing(seen.logged.size, options));
  if (largest.weight === 0) throw new InputError("the candidate never draws any of the classes that were drawn");
  const counts = { requests: requests.count, loggedRequests: seen.logged.size, draws, versions: [...seen.versions] };
  return { ...requests.estimate(), ...counts, largest, unusedRewards: rewards.size - seen.used.size };
}

/**
 * @param {number} logged
 * @param {ValueOptions} options
 */
function nothing(logged, { missing, version }) {
  if (logged === 0) return `nothing was drawn by version ${version}`;
  return `no draw has a query${missing === "none" ? " and a reward" : ""}`;
}

/**
 * @param {LoggedDraws} row
 * @param {number} i
 * @param {Joined["rewards"]} rewards
 * @param {Set<string>} used keys of the rewards that a draw has; gets another
 */
function rewardOf({ key, ids, labels }, i, rewards, used) {
  for (const drawn of [ids[i], labels?.[i]]) {
    if (drawn === undefined) continue;
    const found = classKey(key, drawn);
    const given = rewards.get(found);
    if (given === undefined) continue;
    used.add(found);
    return given.reward;
  }
  return undefined;
}
