import { createHash } from "node:crypto";
import type { Store } from "../../../src/cli/publishing/store.ts";

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A store in memory, whose values a test may read and change. */
export interface MemoryStore extends Store {
  readonly values: Map<string, Uint8Array<ArrayBuffer>>;
  /** Tells when a value was written. By default nothing does. */
  writtenAt: (key: string) => number | undefined;
}

export function memoryStore(): MemoryStore {
  const values = new Map<string, Uint8Array<ArrayBuffer>>();
  const store: MemoryStore = {
    name: "memory",
    values,
    async get(key) {
      const bytes = values.get(key);
      return bytes && { bytes: bytes.slice(), etag: sha256Of(bytes) };
    },
    async put(key, bytes, condition) {
      const there = values.get(key);
      if (condition === "absent" && there) return false;
      if (condition && condition !== "absent" && (!there || sha256Of(there) !== condition.etag)) return false;
      values.set(key, bytes.slice());
      return true;
    },
    async list(folder) {
      const below = [...values.keys()].filter((key) => key.startsWith(folder));
      const keys = below.filter((key) => !key.slice(folder.length).includes("/"));
      return keys.map((key) => ({ key, writtenAt: store.writtenAt(key) }));
    },
    async remove(key) {
      values.delete(key);
    },
    time: async () => undefined,
    writtenAt: () => undefined,
    async close() {},
  };
  return store;
}

type Call = "get" | "put" | "list" | "remove";

/** Wraps `store` with `arrange` around each call, numbered from 1. It decides whether and when `run` happens. */
export function around(
  store: Store,
  arrange: (run: () => Promise<unknown>, at: number, call: Call, key: string) => Promise<unknown>,
): Store {
  let calls = 0;
  return {
    name: store.name,
    get: (key) => arrange(() => store.get(key), ++calls, "get", key) as ReturnType<Store["get"]>,
    put: (key, bytes, condition) =>
      arrange(() => store.put(key, bytes, condition), ++calls, "put", key) as ReturnType<Store["put"]>,
    list: (folder) => arrange(() => store.list(folder), ++calls, "list", folder) as ReturnType<Store["list"]>,
    remove: (key) => arrange(() => store.remove(key), ++calls, "remove", key) as ReturnType<Store["remove"]>,
    time: () => store.time(),
    close: () => store.close(),
  };
}
