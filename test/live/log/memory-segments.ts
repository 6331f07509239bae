import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";

/** A store of segments in memory, whose values a test may read and change. */
export interface MemorySegments extends SegmentStore {
  readonly values: Map<string, Uint8Array>;
}

export function memorySegments(): MemorySegments {
  const values = new Map<string, Uint8Array>();
  const tags = new Map<string, string>();
  let writes = 0;
  const turn = (): Promise<void> => Promise.resolve();
  return {
    name: "memory",
    values,
    async get(key) {
      await turn();
      const bytes = values.get(key);
      return bytes && { bytes: bytes.slice(), etag: tags.get(key) as string };
    },
    async has(key) {
      await turn();
      return values.has(key);
    },
    async list(prefix, behind) {
      await turn();
      return [...values.keys()]
        .filter((key) => key.startsWith(prefix) && key > behind)
        .sort()
        .slice(0, 2);
    },
    async put(key, bytes, condition) {
      await turn();
      const isHeld = condition === "absent" ? !values.has(key) : tags.get(key) === condition.etag;
      if (!isHeld) return false;
      values.set(key, bytes.slice());
      tags.set(key, String(writes++));
      return true;
    },
    async remove(key) {
      await turn();
      values.delete(key);
      tags.delete(key);
    },
  };
}

/** What a store does with a call: make it, fail before it, or make it and lose the answer. */
export type Fate = "made" | "failed" | "lost";

/** The error of a call that failed by `fated`. */
export class Killed extends Error {}

/** Wraps a store with a fate for each call. */
export function fated(store: SegmentStore, fateOf: (call: keyof SegmentStore, key: string) => Fate): SegmentStore {
  const around = async <T>(call: keyof SegmentStore, key: string, run: () => Promise<T>): Promise<T> => {
    const fate = fateOf(call, key);
    if (fate === "failed") throw new Killed(`${call} ${key}`);
    const result = await run();
    if (fate === "lost") throw new Killed(`${call} ${key}`);
    return result;
  };
  return {
    name: store.name,
    get: (key) => around("get", key, () => store.get(key)),
    has: (key) => around("has", key, () => store.has(key)),
    list: (prefix, behind) => around("list", prefix, () => store.list(prefix, behind)),
    put: (key, bytes, condition) => around("put", key, () => store.put(key, bytes, condition)),
    remove: (key) => around("remove", key, () => store.remove(key)),
  };
}
