import { MIN_MUTATION_HEADER, MUTATION_HEADER } from "../../../worker/live/min-mutation.ts";

type Fetch = (request: Request) => Promise<Response>;

/** Returns `fetch` with each write checked by an index that has those before it: a service may have several. */
export function afterLast(fetch: Fetch): Fetch {
  let last: string | undefined;
  return async (request) => {
    if (last !== undefined) request.headers.set(MIN_MUTATION_HEADER, last);
    const response = await fetch(request);
    last = response.headers.get(MUTATION_HEADER) ?? last;
    return response;
  };
}
