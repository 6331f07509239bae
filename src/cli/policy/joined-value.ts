import { type PolicyEstimates, Requests, type WeightedDraw } from "../../train/policy/estimates.ts";
import type { Candidate } from "./candidate.ts";
import { classKey, type LoggedDraws, type PolicyQuery, type Predictions, type Rewards } from "./inputs.ts";
import { InputError } from "./json-lines.ts";

/** The inputs that are joined by request and row. */
export interface Joined {
  readonly draws: Iterable<LoggedDraws> | AsyncIterable<LoggedDraws>;
  readonly rewards: Rewards;
  readonly queries: ReadonlyMap<string, PolicyQuery>;
  readonly predictions?: ReadonlyMap<string, Predictions>;
}

export const MISSING = ["zero", "none"] as const;

export interface JoinOptions {
  /** The treatment of a draw without a reward: it has reward 0, or is left out. */
  readonly missing?: (typeof MISSING)[number];
  /** The largest weight. Larger ones are clipped to it, which biases the estimates. */
  readonly clip?: number;
  /** The only version whose draws are taken. */
  readonly version?: string;
}

/** The value of a policy, with the counts of what was joined. */
export interface JoinedValue extends PolicyEstimates {
  readonly requests: number;
  readonly loggedRequests: number;
  readonly draws: number;
  readonly versions: readonly string[];
  readonly largest: { readonly weight: number; readonly requestId: string; readonly id: number };
  /** The number of rewards of classes that were not drawn. */
  readonly unusedRewards: number;
  /** Whether nothing is predicted for any class but those that were drawn, which biases the doubly robust estimate. */
  readonly predictsDrawsAlone?: true;
}

/**
 * Joins draws, rewards and queries, and weights each draw by the probability that the candidate gives it. Throws an InputError
 * if no draw has a query (and a reward), if there are rewards or predictions and none is of a draw, or if the candidate could have
 * drawn none.
 */
export async function joinedValue(
  { draws: logged, rewards, queries, predictions }: Joined,
  candidate: Candidate,
  options: JoinOptions = {},
): Promise<JoinedValue> {
  const { missing = "zero", clip = Number.POSITIVE_INFINITY, version } = options;
  const requests = new Requests();
  const seen = {
    logged: new Set<string>(),
    loggedVersions: new Set<string>(),
    versions: new Set<string>(),
    used: new Set<string>(),
  };
  let [draws, largest] = [0, { weight: 0, requestId: "", id: -1 }];
  let [predictsAny, predictsOthers] = [false, false];
  for await (const row of logged) {
    seen.loggedVersions.add(row.version);
    if (version !== undefined && row.version !== version) continue;
    seen.logged.add(row.requestId);
    const query = queries.get(row.key);
    if (query === undefined) continue;
    const predicted = predictions && (await predictedBy(predictions.get(row.key), candidate, query));
    const logPi = await candidate.logProbabilities(row, query);
    const classes = predicted && candidate.idsOf(row);
    predictsAny ||= predictions?.has(row.key) ?? false;
    predictsOthers ||= predicted?.classes.some((id) => id !== undefined && !classes?.includes(id)) ?? false;
    const weighted: WeightedDraw[] = [];
    for (const [i, id] of row.ids.entries()) {
      const reward = rewardOf(row, i, rewards, seen.used) ?? (missing === "zero" ? 0 : undefined);
      if (reward === undefined) continue;
      const weight = Math.exp((logPi[i] as number) - (row.logQ[i] as number));
      weighted.push({
        weight: Math.min(clip, weight),
        reward,
        ...(predicted && { predicted: predicted.of(classes?.[i]) }),
      });
      if (weight > largest.weight) largest = { weight, requestId: row.requestId, id };
    }
    if (weighted.length === 0) continue;
    draws += weighted.length;
    seen.versions.add(row.version);
    requests.add(row.requestId, weighted, predicted?.direct);
  }
  if (requests.count === 0) throw new InputError(nothing(seen, options));
  if (seen.used.size === 0 && rewards.size > 0 && version === undefined) {
    throw new InputError(
      'no reward is of a draw: "requestId", "row", and "id" or "label", have to be those of the logs',
    );
  }
  if (predictions && predictions.size > 0 && !predictsAny && version === undefined) {
    throw new InputError('no prediction is of a request: "requestId" and "row" have to be those of the logs');
  }
  if (largest.weight === 0) throw new InputError("the candidate never draws any of the classes that were drawn");
  const counts = { requests: requests.count, loggedRequests: seen.logged.size, draws, versions: [...seen.versions] };
  const unusedRewards = rewards.size - seen.used.size;
  const alone = predictsAny && !predictsOthers;
  return { ...requests.estimate(), ...counts, largest, unusedRewards, ...(alone && { predictsDrawsAlone: true }) };
}

interface SeenDraws {
  readonly logged: ReadonlySet<string>;
  readonly loggedVersions: ReadonlySet<string>;
}

function nothing({ logged, loggedVersions }: SeenDraws, { missing, version }: JoinOptions): string {
  if (logged.size === 0) {
    return `nothing was drawn by version ${version}: the logs have draws of ${[...loggedVersions].join(", ")}`;
  }
  const needed = missing === "none" ? "a query and a reward" : "a query";
  return `no draw has ${needed}: "requestId" and "row" of these have to be those of the logs`;
}

/** Finds the reward of a draw, and adds its key to those that are used. */
export function rewardOf(
  { key, ids, labels }: LoggedDraws,
  i: number,
  rewards: Rewards,
  used: Set<string>,
): number | undefined {
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

interface Predicted {
  /** The classes of the line by their ids in the candidate's index. */
  readonly classes: readonly (number | undefined)[];
  /** Σ π · predicted reward. */
  readonly direct: number;
  /** The predicted reward of a class by its id in the candidate's index; 0 if nothing is predicted. */
  readonly of: (id: number | undefined) => number;
}

async function predictedBy(
  predictions: Predictions | undefined,
  candidate: Candidate,
  query: PolicyQuery,
): Promise<Predicted> {
  if (predictions === undefined) return { classes: [], direct: 0, of: () => 0 };
  const { rewards } = predictions;
  const logPi = await candidate.logProbabilities(predictions, query);
  const direct = rewards.reduce((sum, reward, i) => sum + Math.exp(logPi[i] as number) * reward, 0);
  // Both terms of the estimate have to predict the same for a class, whatever numbers the log has for it.
  const classes = candidate.idsOf(predictions);
  return { classes, direct, of: (id) => (id === undefined ? 0 : (rewards[classes.indexOf(id)] ?? 0)) };
}
