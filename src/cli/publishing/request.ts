import { reasonOf } from "../remote/tries.ts";

/** Returns the time at which an answer was made, in ms by the clock of its server. Undefined if it does not say. */
export function timeOf(response: Response): number | undefined {
  const time = Date.parse(response.headers.get("date") ?? "");
  return Number.isFinite(time) ? time : undefined;
}

/**
 * Returns the answer to the request that `send` makes. Redirects are errors, because credentials are meant for one host.
 *
 * @throws Error that names `place` and the reason if there is no answer; the reason of an aborted signal
 */
export async function answerTo(
  place: string,
  /** The remedy if there is no answer. */
  remedy: string,
  signal: AbortSignal,
  send: (init: RequestInit) => Promise<Response>,
): Promise<Response> {
  try {
    return await send({ redirect: "error", signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${place}: no answer: ${reasonOf(error)}: ${remedy}`);
  }
}
