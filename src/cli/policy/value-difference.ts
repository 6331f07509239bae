import { type RequestMean, Requests } from "../../train/policy/estimates.ts";
import type { Candidate } from "./candidate.ts";
import { type Joined, type JoinOptions, rewardOf } from "./joined-value.ts";

/**
 * Estimates the value of `second` minus the value of `first`, by inverse propensity scores of the same draws. The error is that
 * of the difference in each request. It is smaller than the errors of the two values if the policies are alike.
 */
export async function valueDifference(
  { draws: logged, rewards, queries }: Omit<Joined, "predictions">,
  [first, second]: readonly [Candidate, Candidate],
  { missing = "zero" }: Pick<JoinOptions, "missing"> = {},
): Promise<RequestMean> {
  const requests = new Requests();
  for await (const row of logged) {
    const query = queries.get(row.key);
    if (query === undefined) continue;
    const [before, after] = [await first.logProbabilities(row, query), await second.logProbabilities(row, query)];
    const weighted = row.ids.flatMap((_, i) => {
      const reward = rewardOf(row, i, rewards, new Set()) ?? (missing === "zero" ? 0 : undefined);
      const logQ = row.logQ[i] as number;
      const weight = Math.exp((after[i] as number) - logQ) - Math.exp((before[i] as number) - logQ);
      return reward === undefined ? [] : [{ weight, reward }];
    });
    if (weighted.length > 0) requests.add(row.requestId, weighted);
  }
  return requests.estimate().ips;
}
