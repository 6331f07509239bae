import { type RequestMean, Requests } from "../../train/policy/estimates.ts";

/** The mean of values, one a query, with its interval. */
export function meanOf(values: readonly number[]): RequestMean {
  const requests = new Requests();
  for (const [i, reward] of values.entries()) requests.add(String(i), [{ weight: 1, reward }]);
  return requests.estimate().ips;
}
