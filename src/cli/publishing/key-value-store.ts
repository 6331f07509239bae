import { sha256 } from "../../bytes/sha256.ts";
import { MAX_PART_BYTES } from "../../publication/pointer.ts";
import type { PutCondition } from "../../publication/segments/segment-store.ts";
import type { Store } from "./store.ts";

/** A store of values by key, without conditional writes, such as KV. */
export interface KeyValues {
  readonly name: string;
  /** Reads a value, as `get` of a store does. */
  read(key: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  write(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Lists the keys that begin with a prefix. */
  keys(prefix: string): Promise<string[]>;
  remove(key: string): Promise<void>;
  /** As of a store. */
  time(): Promise<number | undefined>;
  close(): Promise<void>;
}

/**
 * Makes a store that reads, compares and writes in separate steps. A publication that finishes between these steps is
 * overwritten unnoticed. The etag of a value is the hash of its bytes.
 */
export function keyValueStore(values: KeyValues): Store {
  const holds = async (key: string, condition: PutCondition): Promise<boolean> => {
    const bytes = await values.read(key, MAX_PART_BYTES);
    if (condition === "absent") return bytes === undefined;
    return bytes !== undefined && (await sha256(bytes)) === condition.etag;
  };
  return {
    name: values.name,
    async get(key, maxBytes = MAX_PART_BYTES) {
      const bytes = await values.read(key, maxBytes);
      return bytes && { bytes, etag: await sha256(bytes) };
    },
    async put(key, bytes, condition) {
      if (condition && !(await holds(key, condition))) return false;
      await values.write(key, bytes);
      return true;
    },
    async list(folder) {
      const keys = (await values.keys(folder)).filter((key) => !key.slice(folder.length).includes("/"));
      return keys.map((key) => ({ key }));
    },
    remove: (key) => values.remove(key),
    time: () => values.time(),
    close: () => values.close(),
  };
}
