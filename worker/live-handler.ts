import type { IndexSource } from "../src/public.ts";
import type { ChangeLog } from "../src/publication/change-log.ts";
import { load } from "../src/workerd.ts";
import { memoized } from "./environment/memoized.ts";
import { type HandlerOptions, handlerOf } from "./handler.ts";
import type { Handler } from "./handler-types.ts";
import { requireFunctions } from "./host/require-functions.ts";
import { type LiveOptions, liveSettingsOf } from "./live/live-settings.ts";
import type { LiveSequences } from "./live/sequences-of.ts";
import { createLiveService } from "./live-service.ts";
import type { Publisher } from "./publication/publication.ts";

/** Options of {@link createLiveHandler}. */
export interface LiveHandlerOptions<Env> extends HandlerOptions<Env>, LiveOptions {
  /** Returns the log of changes, such as one of `logInSegments`. */
  readonly log: (env: Env) => ChangeLog;
  /** `sequencesOf(…)`: every call takes sequences, too. Default: the service takes none. */
  readonly sequences?: LiveSequences;
}

/**
 * Creates the HTTP application of an index whose classes change, for your own Worker or for a server in Deno or Bun.
 *
 * @param indexOf returns the file of the index, or a publisher, which is polled every `refreshSeconds` for a newer version
 * @param options the log, who may write, limits, tokens and origins of the service, and a function that returns its bindings
 * @returns the handler, whose `fetch` answers requests
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * const handler = createLiveHandler(() => fetch("https://example.com/words.midx"), {
 *   log: (env: { store: SegmentStore }) => logInSegments(env.store, "words/log/"),
 *   writeTokens: ["0000000000000000000000000000000000000000000000000000000000000000"],
 * });
 */
export function createLiveHandler<Env>(
  indexOf: (env: Env) => Publisher | IndexSource | Promise<IndexSource>,
  { log, sequences, writeTokens, deltaSeconds, maxDelta, ...options }: LiveHandlerOptions<Env>,
): Handler<Env> {
  const given = { writeTokens, deltaSeconds, maxDelta };
  const live = liveSettingsOf(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  requireFunctions({ log });
  const logOf = memoized(log);
  return handlerOf<Env>(
    (environment, current) =>
      createLiveService(load, { ...environment, log: () => logOf(current()), live: () => live, sequences }),
    indexOf,
    options,
  );
}
