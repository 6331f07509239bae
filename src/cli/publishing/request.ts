/**
 * The answer to a request that `send` makes. An Error says of which `place` there was none, and why; an aborted signal
 * gives its reason. Redirects are errors: credentials are for one host.
 */
export async function answerTo(
  place: string,
  /** The remedy where there is none. */
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

/** fetch says "fetch failed", and its cause why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
}
