import { Problem } from "../contract/problem.ts";
import type { UnderWay } from "../middleware/in-flight.ts";

/** How often a request looks whether its body may still take time, ms. It is also how long a request that is shed has left. */
const LOOK_MS = 250;

/** The client has gone before its request was complete, so nobody reads an answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/**
 * Runs `read`, which waits for a body by `arrived`, until the body is due or another request takes the slot.
 *
 * A timer of the request itself looks at both: in Workers one request can't end another's input or output.
 */
export async function whileArriving<T>(
  request: UnderWay,
  read: (arrived: <S>(step: Promise<S>) => Promise<S>) => Promise<T>,
): Promise<T> {
  let refuse: ((reason: Error) => void) | undefined;
  const timer = setInterval(() => {
    if (request.isShed) refuse?.(new Problem("overloaded", "the body came too slowly while other requests waited"));
    if (Date.now() >= request.bodyDue) refuse?.(new Problem("body_too_slow", "the body was not complete in time"));
  }, LOOK_MS);
  request.isReading = true;
  try {
    return await read(
      (step) =>
        new Promise((resolve, reject) => {
          refuse = reject;
          step.then(resolve, () => reject(new ClientGone("the client has gone")));
        }),
    );
  } finally {
    request.isReading = false;
    clearInterval(timer);
  }
}
