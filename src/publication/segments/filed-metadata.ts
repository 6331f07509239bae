import { sha256 } from "../../bytes/sha256.ts";
import type { LoggedMetadata } from "../../changes/logged-header.ts";
import { jsonBytes } from "../json-bytes.ts";
import type { SegmentNames } from "./segment-names.ts";
import type { SegmentStore } from "./segment-store.ts";
import { type StoredJson, storedJson } from "./stored-json.ts";

/** The last word of a set of the log about the metadata of a class. */
export interface LastMetadata {
  /** The number of the set. */
  readonly sequence: number;
  /** Absent if the set has removed the class or all of its metadata. */
  readonly metadata?: LoggedMetadata;
}

/**
 * The metadata of classes whose sets may be trimmed, a value for each class, named by a hash of its label. Processes may file the
 * same sets at once: the later set stays. A class that has none any more leaves a value without metadata, since a process that is slow
 * might otherwise bring back what an older set says.
 */
export class FiledMetadata {
  readonly #store: SegmentStore;
  readonly #names: SegmentNames;

  constructor(store: SegmentStore, names: SegmentNames) {
    this.#store = store;
    this.#names = names;
  }

  /** Returns the metadata of a class, null for none. */
  async read(label: string): Promise<LoggedMetadata | null> {
    return (await this.#load(await this.#keyOf(label)))?.value.metadata ?? null;
  }

  /** Keeps what a set says about a class, unless a later one is there. `mayBeGiven`: an earlier set may have been filed, too. */
  async file(label: string, last: LastMetadata, mayBeGiven: boolean): Promise<void> {
    const key = await this.#keyOf(label);
    for (;;) {
      const stored = await this.#load(key);
      if (stored ? stored.value.sequence >= last.sequence : !last.metadata && !mayBeGiven) return;
      if (await this.#store.put(key, jsonBytes(last), stored ?? "absent")) return;
    }
  }

  #load(key: string): Promise<StoredJson<LastMetadata> | undefined> {
    return storedJson(this.#store, key, ["sequence"]);
  }

  async #keyOf(label: string): Promise<string> {
    return this.#names.metadata(await sha256(new TextEncoder().encode(label)));
  }
}
