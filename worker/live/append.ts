import type { Context } from "hono";
import { encodeLoggedSet, type SetToLog } from "../../src/changes/index.ts";
import { sha256 } from "../../src/internal.ts";
import type { Appended, ChangeLog, SeenSets } from "../../src/publication/change-log.ts";
import { ofVersion, Problem } from "../contract/problem.ts";
import type { Host, Served } from "../host/host.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { classOf } from "../vectorize/vectors.ts";
import { callLog } from "./call-log.ts";
import { roomBeside } from "./changing.ts";
import { checkSet } from "./checked-set.ts";
import type { FollowedIndexes } from "./followers.ts";
import type { NameOf } from "./given-changes.ts";
import type { LiveSettings } from "./live-settings.ts";
import { MUTATION_HEADER } from "./min-mutation.ts";
import { keyOf } from "./writers.ts";

/** The parts of a host that writing needs. */
export interface WritingHost {
  readonly host: Host;
  /** Looks for a newer version behind the answer. */
  readonly lookBehind: (c: Context) => void;
  readonly followers: FollowedIndexes;
  readonly log: () => ChangeLog;
  readonly live: () => LiveSettings;
}

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
  const checked = (now: Served): Promise<CheckedSet> => checkedSet(now, writing, setOf, nameOf, takenOf);
  const appended = await checked(served).then(appendChecked, async (error: unknown) => {
    const { status } = error as Partial<Problem>;
    // A version that has room may have been published.
    if (status === 507) lookBehind(c);
    // Parts elsewhere may turn out to have lost this version. The next one then answers instead.
    const now = status === 503 ? await host.served(c) : served;
    if (now.index !== served.index) return appendChecked(await checked(now));
    const sequence =
      status === 400 || status === 507 ? await earlierCall(log(), keyed, () => setOf(now.index)) : undefined;
    if (sequence === undefined) throw error;
    return { sequence, isReplay: true };
  });
  if (!appended) return append(c, writing, setOf, nameOf, takenOf);
  c.header(MUTATION_HEADER, String(appended.sequence));
  return appended;

  /** Appends a set. Returns undefined if it has to be checked again, with changes that the index did not have before. */
  async function appendChecked({ asked, set, index, seen }: CheckedSet): Promise<Appended | undefined> {
    const digest = takenOf && (await sha256(encodeLoggedSet(asked)));
    const options = { ...keyed, ...(digest !== undefined && { digest }), ...seen };
    const { follower } = followers.of(index);
    const appended = await callLog(() =>
      log()
        .append(encodeLoggedSet(set), options)
        .catch(async (error: Error) => {
          if (error.name !== "UnseenSetsError") throw error;
          await look(index);
          const isSame = (await host.served(c)).index === index; // it waits for another version where only that helps
          if (isSame && follower.sequence === seen.after) throw follower.fault ?? error;
          return undefined;
        }),
    );
    host.keepAlive(c, look(index));
    return appended;
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

/** Those of the requested changes that the index takes, and the places that their upserts have in the request. */
export interface Taken {
  readonly set: SetToLog;
  readonly places: readonly number[];
}

type TakenOf = (asked: SetToLog, index: ServedIndex, isPresent: (label: string) => boolean) => Taken;

interface CheckedSet {
  readonly index: ServedIndex;
  readonly asked: SetToLog;
  readonly set: SetToLog;
  /** The last change that it was checked with, and the rows that others may add meanwhile. */
  readonly seen: SeenSets;
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
  const taken = takenOf?.(asked, index, await presence(asked.upserts?.labels ?? []));
  const set = taken?.set ?? asked;
  const nameOfTaken: NameOf = (list, i) => nameOf(list, taken?.places[i] ?? i);
  const changing = followers.of(index);
  const seen = { after: changing.follower.sequence, room: roomBeside(changing, set) };
  await checkAll([served, host.health().served], followers, set, nameOfTaken);
  return { index, asked, set, seen };
}

// The remedy that makes room while there is a canary, beside which nothing can be published.
const END_FULL = "end this canary (midx rollback)";
const END_OTHER = "end the canary (midx promote, or midx rollback and then midx compact)";

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
  const canary = served.find((each) => each?.canary)?.canary;
  for (const [index, version] of versions) {
    try {
      await checkSet(followers.of(index), set, nameOf, canary && (index === canary.index ? END_FULL : END_OTHER));
    } catch (error) {
      throw error instanceof Problem && versions.size > 1 ? ofVersion(error, version) : error;
    }
  }
}
