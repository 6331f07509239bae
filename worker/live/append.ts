import type { Context } from "hono";
import { encodeLoggedSet, type SetToLog } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/public.ts";
import type { Appended, ChangeLog } from "../../src/publication/change-log.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import { Problem } from "../contract/problem.ts";
import type { Host, Served } from "../host/host.ts";
import { checkSet } from "./checked-set.ts";
import type { Followers } from "./followers.ts";
import type { NameOf } from "./given-changes.ts";
import type { LiveSettings } from "./live-settings.ts";
import { MUTATION_HEADER } from "./min-mutation.ts";
import { keyOf, requireWriters } from "./writers.ts";

/** What writing needs. */
export interface WritingHost {
  readonly host: Host;
  readonly followers: Followers;
  readonly log: () => ChangeLog;
  readonly live: () => LiveSettings;
}

/** Refuses a request before its body is read where nobody may write. */
export const requireOpen = ({ live }: WritingHost): void => requireWriters(live());

/** Checks changes against the index that is served, and appends them to the log. */
export async function append(
  c: Context,
  { host, followers, log }: WritingHost,
  setOf: (index: MultiIndex) => SetToLog,
  nameOf: NameOf,
): Promise<Appended> {
  const served: Served = await host.served(c);
  const index = served.index as MultiIndex;
  const { follower, maxDelta } = followers.of(served.index);
  const set = setOf(index);
  checkSet(index, set, maxDelta, nameOf);
  const appended = await appendTo(log(), encodeLoggedSet(set), await keyOf(c));
  c.header(MUTATION_HEADER, String(appended.sequence));
  host.keepAlive(
    c,
    follower.look((work) => host.keepAlive(c, work)),
  );
  return appended;
}

async function appendTo(
  log: ChangeLog,
  bytes: Uint8Array,
  options: Parameters<ChangeLog["append"]>[1],
): Promise<Appended> {
  try {
    return await log.append(bytes, options);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { name, message } = error as Error;
    if (name === "KeyConflictError") throw new LiveProblem("idempotency_conflict", message);
    throw new LiveProblem("log_unreadable", `the log of changes: ${message}`);
  }
}
