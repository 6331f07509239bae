import { KEY_LIFE_MS } from "../change-log.ts";
import { jsonBytes } from "../json-bytes.ts";
import { timeSince } from "../time-since.ts";
import type { SegmentNames } from "./segment-names.ts";
import type { PutCondition, SegmentStore } from "./segment-store.ts";
import { storedJson } from "./stored-json.ts";

/** The range of the sets of a log that are kept. */
export interface Kept {
  /** The oldest set that readers may ask for. */
  readonly first: number;
  /** All sets up to this number are gone from the store. */
  readonly removed: number;
  /** The times of trims, in the order in which they were noted, each with the set that became the oldest one. */
  readonly trims: readonly { readonly at: number; readonly first: number }[];
  /** The metadata of all sets up to this number are filed by class. */
  readonly filed?: number;
  /** True if there were any. */
  readonly hasMetadata?: boolean;
}

const ALL: Kept = { first: 1, removed: 0, trims: [] };

/**
 * Sets stay in the store for this time after a trim, in milliseconds. So their keys are still known, and neither a reader nor a
 * writer that was there before the trim finds a number free that was taken.
 */
const STAY_MS = KEY_LIFE_MS;
/** The time for which a value that was read is taken for the current one. It only has to be much shorter than STAY_MS. */
export const FRESH_MS = 600_000;
/** Trims within this time of another one are not noted, so that there are few of them. */
const NOTE_MS = 3_600_000;

/** A store of single values. */
type ValueStore = Pick<SegmentStore, "name" | "get" | "put">;

/** Reads and changes the one value of a log that says which sets are kept. */
export class KeptNumbers {
  readonly #store: ValueStore;
  readonly #key: string;
  readonly #now: () => number;
  #last: { readonly kept: Kept; readonly at: number } | undefined;

  constructor(store: ValueStore, names: SegmentNames, now: () => number) {
    this.#store = store;
    this.#key = names.kept;
    this.#now = now;
  }

  /** Returns the range of kept sets, at most FRESH_MS old. */
  async read(): Promise<Kept> {
    if (this.#last && timeSince(this.#last.at, this.#now()) < FRESH_MS) return this.#last.kept;
    return this.load();
  }

  /** Lets readers have the sets from `first` on, and notes the time. */
  keepFrom(first: number): Promise<Kept> {
    return this.#change((kept) => {
      const at = this.#now();
      const next = Math.max(first, kept.first);
      const last = datedTrims(kept, at).at(-1);
      const isNoted = last !== undefined && (last.first === next || at - last.at < NOTE_MS);
      if (next === kept.first && (isNoted || next - 1 <= kept.removed)) return kept;
      return { ...kept, first: next, trims: isNoted ? kept.trims : [...kept.trims, { at, first: next }] };
    });
  }

  /** Returns the last number that was trimmed long enough ago for its set to be removed. */
  removable(kept: Kept): number {
    const now = this.#now();
    const due = datedTrims(kept, now).filter(({ at }) => now - at >= STAY_MS);
    return Math.max(kept.removed, ...due.map(({ first }) => first - 1));
  }

  /** Notes that all sets up to a number are gone. */
  noteRemoved(upTo: number): Promise<Kept> {
    return this.#change((kept) => ({
      ...kept,
      removed: Math.max(upTo, kept.removed),
      trims: kept.trims.filter(({ first }) => first - 1 > upTo),
    }));
  }

  /** Notes that the metadata of all sets up to a number are filed, and whether there were any. */
  noteFiled(upTo: number, hasMetadata: boolean): Promise<Kept> {
    return this.#change((kept) => ({
      ...kept,
      filed: Math.max(upTo, kept.filed ?? 0),
      ...((hasMetadata || kept.hasMetadata) && { hasMetadata: true }),
    }));
  }

  /** Returns the range of kept sets as it is now. */
  async load(): Promise<Kept> {
    return (await this.#load()).kept;
  }

  async #load(): Promise<{ readonly kept: Kept; readonly as: PutCondition }> {
    const stored = await storedJson<Kept>(this.#store, this.#key, ["first", "removed"]);
    const kept = stored?.value ?? ALL;
    this.#last = { kept, at: this.#now() };
    return { kept, as: stored ?? "absent" };
  }

  /** Makes a change, again for as long as another process changes the value meanwhile. */
  async #change(change: (kept: Kept) => Kept): Promise<Kept> {
    for (;;) {
      const { kept, as } = await this.#load();
      const next = change(kept);
      if (next === kept) return kept;
      if (await this.#store.put(this.#key, jsonBytes(next), as)) {
        this.#last = { kept: next, at: this.#now() };
        return next;
      }
    }
  }
}

/**
 * Returns the trims that no wrong clock has noted. One in the future would keep every set until then. One that is older than a trim
 * before it would have sets removed at once.
 */
function datedTrims({ trims }: Kept, now: number): Kept["trims"] {
  let latest = Number.NEGATIVE_INFINITY;
  return trims.filter(({ at }) => {
    if (at > now || at < latest) return false;
    latest = at;
    return true;
  });
}
