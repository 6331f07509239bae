import type { Context } from "hono";
import { encodeLoggedSet, type SetToLog } from "../../src/changes/index.ts";
import { sha256 } from "../../src/internal.ts";
import type { Appended, ChangeLog } from "../../src/publication/change-log.ts";
import { ofVersion, Problem } from "../contract/problem.ts";
import type { Host, Served } from "../host/host.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { classOf } from "../vectorize/vectors.ts";
import { callLog } from "./call-log.ts";
import { checkSet } from "./checked-set.ts";
import type { FollowedIndexes } from "./followers.ts";
import type { NameOf } from "./given-changes.ts";
import type { LiveSettings } from "./live-settings.ts";
import { MUTATION_HEADER } from "./min-mutation.ts";
import { keyOf, requireWriters } from "./writers.ts";

/** The parts of a host that writing needs. */
export interface WritingHost {
  readonly host: Host;
  /** Looks for a newer version behind the answer. */
  readonly lookBehind: (c: Context) => void;
  readonly followers: FollowedIndexes;
  readonly log: () => ChangeLog;
  readonly live: () => LiveSettings;
}

/** Refuses a request before its body is read, if nobody may write. */
export const requireOpen = ({ live }: WritingHost): void => requireWriters(live());

/**
 * Checks changes against the versions that are served, and appends them to the log. `takenOf` leaves out those of the requested
 * changes that the index does not take. The same call may then give another set, so its key is compared by the request.
 */
export async function append(
  c: Context,
  writing: WritingHost,
  setOf: (index: ServedIndex) => SetToLog,
  nameOf: NameOf,
  takenOf?: TakenOf,
): Promise<Appended> {
  const { host, lookBehind, followers, log } = writing;
  const served: Served = await host.served(c);
  const keyed = await keyOf(c);
  const look = (index: ServedIndex): Promise<void> =>
    followers.of(index).follower.look((work) => host.keepAlive(c, work));
  if (takenOf) await look(served.index); // what is taken depends on every change so far
  const checked = await checkedSet(served, writing, setOf, nameOf, takenOf).catch(async (error: unknown) => {
    const { status } = error as Partial<Problem>;
    // A version that has room may have been published.
    if (status === 507) lookBehind(c);
    // Parts elsewhere may turn out to have lost this version. The next one then answers instead.
    const now = status === 503 ? await host.served(c) : served;
    if (now.index !== served.index) return checkedSet(now, writing, setOf, nameOf, takenOf);
    const earlier =
      status === 400 || status === 507 ? await earlierCall(log(), keyed, () => setOf(now.index)) : undefined;
    if (earlier === undefined) throw error;
    return { index: now.index, earlier };
  });
  const appended = "earlier" in checked ? { sequence: checked.earlier, isReplay: true } : await appendChecked(checked);
  c.header(MUTATION_HEADER, String(appended.sequence));
  host.keepAlive(c, look(checked.index));
  return appended;

  async function appendChecked({ asked, set, index }: CheckedSet): Promise<Appended> {
    const digest = takenOf && (await sha256(encodeLoggedSet(asked)));
    const after = followers.of(index).follower.sequence;
    const options = { ...keyed, ...(digest !== undefined && { digest }), after };
    return callLog(() => log().append(encodeLoggedSet(set), options));
  }
}

/**
 * Returns the number of the set of a call that was repeated and would now be refused, such as for want of room. It is the same call
 * all the same, and its changes are in the log.
 */
async function earlierCall(
  log: ChangeLog,
  { key, writer = "" }: Awaited<ReturnType<typeof keyOf>>,
  setOf: () => SetToLog,
): Promise<number | undefined> {
  if (key === undefined || !log.find) return undefined;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = encodeLoggedSet(setOf());
  } catch {
    return undefined; // the error of the check says what is wrong
  }
  const digest = await sha256(bytes);
  return callLog(() => log.find?.({ key, writer, digest }));
}

/** Returns those of the requested changes that the index takes. */
type TakenOf = (asked: SetToLog, index: ServedIndex, isPresent: (label: string) => boolean) => SetToLog;

interface CheckedSet {
  readonly index: ServedIndex;
  readonly asked: SetToLog;
  readonly set: SetToLog;
}

async function checkedSet(
  served: Served,
  { host, followers }: WritingHost,
  setOf: (index: ServedIndex) => SetToLog,
  nameOf: NameOf,
  takenOf: TakenOf | undefined,
): Promise<CheckedSet> {
  const { index } = served;
  const { presence = async () => (label) => classOf(index, label) !== undefined } = followers.of(index);
  const asked = setOf(index);
  const set = takenOf ? takenOf(asked, index, await presence(asked.upserts?.labels ?? [])) : asked;
  await checkAll([served, host.health().served], followers, set, nameOf);
  return { index, asked, set };
}

/** One log has the changes of the current version and of its canary, so both must accept them. Which of them refuses is named. */
async function checkAll(
  served: readonly (Served | undefined)[],
  followers: FollowedIndexes,
  set: SetToLog,
  nameOf: NameOf,
): Promise<void> {
  const versions = new Map(
    served.flatMap((each) => [each, each?.canary]).flatMap((each) => (each ? [[each.index, each.version]] : [])),
  );
  for (const [index, version] of versions) {
    try {
      await checkSet(followers.of(index), set, nameOf);
    } catch (error) {
      throw error instanceof Problem && versions.size > 1 ? ofVersion(error, version) : error;
    }
  }
}
