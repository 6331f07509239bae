import { setTimeout as sleep } from "node:timers/promises";

/** The number of tries of a request, and their times. */
export interface Tries {
  readonly most: number;
  /** Milliseconds before the second try. Each further wait is twice as long. */
  readonly firstWait: number;
  /** Milliseconds that one try may take, its body included. */
  readonly deadline: number;
}

const TRIES: Tries = { most: 7, firstWait: 100, deadline: 60_000 };

/** The reason of a try that may end better the next time, such as a status of 503 or a body that was cut. */
export class TryAgain extends Error {}

/**
 * Makes a request until `take` has read its whole response. It tries again after a connection that was refused or cut, after a
 * deadline, and if `take` throws TryAgain.
 *
 * @throws Error that names `place` and the last reason; other errors of `take`; the reason of an aborted signal
 */
export async function withTries<T>(
  place: string,
  { signal, tries = TRIES }: { readonly signal: AbortSignal; readonly tries?: Tries | undefined },
  send: (init: { readonly redirect: "manual"; readonly signal: AbortSignal }) => Promise<Response>,
  take: (response: Response) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const deadline = AbortSignal.timeout(tries.deadline);
    try {
      const init = { redirect: "manual", signal: AbortSignal.any([signal, deadline]) } as const;
      return await take(await passing(send(init)));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TryAgain)) throw error;
      const reason = deadline.aborted ? `it took longer than ${tries.deadline / 1000} seconds` : error.message;
      if (tried >= tries.most) throw new Error(`${place}: no complete answer in ${tried} tries: ${reason}`);
    }
    // A random share keeps many machines that failed together from coming back together.
    await sleep(tries.firstWait * 2 ** (tried - 1) * (0.5 + Math.random() / 2), undefined, { signal });
  }
}

/** Waits for a step of a request. If it fails, another try may succeed, unless there is no such host. */
export async function passing<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
    if (cause?.code === "ENOTFOUND") throw new Error(`${cause.message}: there is no such host`);
    throw new TryAgain(reasonOf(error));
  }
}

/** Returns the reason of a failed fetch, which is in the cause of its error. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
}
