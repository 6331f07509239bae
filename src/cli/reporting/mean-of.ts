import { type RequestMean, Requests } from "../../train/policy/estimates.ts";

/** Returns the mean of values, one for each query, with its interval. */
export function meanOf(values: readonly number[]): RequestMean {
  const requests = new Requests();
  for (const [i, reward] of values.entries()) requests.add(String(i), [{ weight: 1, reward }]);
  return requests.estimate().ips;
}
