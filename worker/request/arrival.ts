import { Problem } from "../contract/problem.ts";
import type { InFlightRequest } from "../middleware/in-flight.ts";

/** The client has gone before its request was complete, so nobody reads a response. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/**
 * Runs `read`, which waits for parts of a body with `arrived`, until the deadline of the body or until the request is shed.
 */
export async function whileArriving<T>(
  request: InFlightRequest,
  read: (arrived: <S>(step: Promise<S>) => Promise<S>) => Promise<T>,
): Promise<T> {
  let refuse: ((reason: Error) => void) | undefined;
  const stop = request.watch(() => {
    if (request.isShed)
      refuse?.(new Problem("overloaded", "the body arrived too slowly while other requests waited: retry later"));
    if (Date.now() >= request.bodyDue)
      refuse?.(new Problem("body_too_slow", "the body was not complete in time: send it faster"));
  });
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
    stop();
  }
}
