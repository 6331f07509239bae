import { sha256 } from "../../bytes/sha256.ts";
import { KEY_LIFE_MS, KeyConflictError, type KeyedCall } from "../change-log.ts";
import { jsonBytes } from "../json-bytes.ts";
import { inGroups } from "./in-groups.ts";
import type { SetFacts } from "./segment.ts";
import type { SegmentNames } from "./segment-names.ts";
import type { SegmentStore } from "./segment-store.ts";
import { storedJson } from "./stored-json.ts";

/*
 * A call with a key claims the key before it appends its set. The claim states the lowest number that the set may have. Every
 * call with this key tries the numbers from there on in turn and looks at each set that it finds, so the second call finds the
 * set of the first, however far the first one came. The names of claims begin with their day, so that none is ever renewed: it
 * is removed with its set, or by a trim once no call looks at its day any more.
 *
 * Two calls that come together on both sides of midnight may have made a claim each before either looked for that of the other.
 * Then each had read the end of the log before the other one appended, so it comes to the other's set, which it knows by the key.
 */

/** The claim of a key. */
export interface Claim {
  readonly name: string;
  /** The set of the call has no smaller number. */
  readonly from: number;
  /** True if this call has made the claim. */
  readonly isNew: boolean;
  readonly call: KeyedCall;
}

/** The most by which clocks are expected to differ, in milliseconds. */
const SKEW_MS = 600_000;

interface StoredClaim {
  readonly digest: string;
  readonly from: number;
  readonly at: number;
}

/**
 * Claims the key of a call whose set gets no smaller number than `from`, or finds the claim of an earlier call. Without `from` it
 * only looks for one.
 */
export async function claimKey(
  store: SegmentStore,
  names: SegmentNames,
  now: number,
  call: KeyedCall,
  from?: number,
): Promise<Claim | undefined> {
  const { key, writer, digest } = call;
  const hash = await sha256(new TextEncoder().encode(JSON.stringify([writer, key])));
  const day = Math.floor(now / KEY_LIFE_MS);
  const nameOn = (when: number): string => `${when}-${hash}`;
  const read = (when: number): Promise<StoredClaim | undefined> => storedClaim(store, names.claim(nameOn(when)));
  const earlier = (claim: StoredClaim, when: number): Claim => {
    if (claim.digest !== digest) throw new KeyConflictError(key);
    return { name: nameOn(when), from: claim.from, isNew: false, call };
  };
  // At the end of a day, another process may have claimed the key on what its clock takes for the next one.
  for (const other of new Set([day - 1, Math.floor((now + SKEW_MS) / KEY_LIFE_MS)])) {
    const claim = other === day ? undefined : await read(other);
    if (claim && now - claim.at < KEY_LIFE_MS) return earlier(claim, other);
  }
  if (from !== undefined) {
    const claim: StoredClaim = { digest, from, at: now };
    if (await store.put(names.claim(nameOn(day)), jsonBytes(claim), "absent"))
      return { name: nameOn(day), from, isNew: true, call };
  }
  const other = await read(day);
  if (other) return earlier(other, day);
  if (from === undefined) return undefined;
  throw new Error(`${store.name} has no claim of the key any more: try again`);
}

/**
 * Tells whether a set is that of the call with this claim, by its own claim or by that of the same key on another day.
 * KeyConflictError for one of the key that has other changes.
 */
export async function isOfCall(
  store: SegmentStore,
  names: SegmentNames,
  { claim: name }: SetFacts,
  { name: own, call: { key, digest } }: Claim,
): Promise<boolean> {
  if (name === own) return true;
  if (name === undefined || keyIn(name) !== keyIn(own)) return false;
  const other = await storedClaim(store, names.claim(name));
  if (other && other.digest !== digest) throw new KeyConflictError(key);
  return other !== undefined;
}

/** The most claims that a trim of a Worker removes by their age: a run has a limit of requests. */
const MOST_REMOVED = 1000;

/**
 * Removes claims of days that no call looks at any more, once there are newer ones: all of them, or the first MOST_REMOVED. Most go
 * with their sets, but a call that was refused or killed after its claim has no set.
 */
export async function removeOldClaims(
  store: SegmentStore,
  names: SegmentNames,
  now: number,
  removesAll: boolean,
): Promise<void> {
  const yesterday = Math.floor((now - SKEW_MS) / KEY_LIFE_MS) - 1; // by the clock that is furthest behind
  // Without newer claims nothing shows that this clock is not days ahead of those that call.
  if ((await store.list(names.claims, names.claimsOf(yesterday))).length === 0) return;
  let left = removesAll ? Number.POSITIVE_INFINITY : MOST_REMOVED;
  for (let behind = names.claims; left > 0; ) {
    const keys = await store.list(names.claims, behind);
    const old = keys.filter((key) => names.dayOf(key) < yesterday).slice(0, left);
    await inGroups(old, (key) => store.remove(key));
    if (old.length === 0 || old.length < keys.length) return;
    left -= old.length;
    behind = old.at(-1) as string;
  }
}

/** Returns the part of the name of a claim behind its day. */
const keyIn = (name: string): string => name.slice(name.indexOf("-"));

const storedClaim = async (store: SegmentStore, key: string): Promise<StoredClaim | undefined> =>
  (await storedJson<StoredClaim>(store, key, ["from", "at"]))?.value;
