import type { SeedOption } from "../answers/options.ts";
import { checkSeed } from "../checks/check.ts";

/**
 * Returns the request of each row of a batch. All have the seed of the call. If the call has none, each has a random one of its
 * own, because equal queries with one seed make the same draws.
 */
export function seeded<Request extends { readonly seed?: bigint }>(
  { seed }: SeedOption,
  request: Request,
): (row: number) => Request {
  if (seed !== undefined) return () => request;
  const requests = [request]; // kept, because an answer that is given up is made again
  return (row) => {
    requests[row] ??= { ...request, seed: checkSeed(seed) };
    return requests[row] as Request;
  };
}
