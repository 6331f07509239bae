import { sha256 } from "../../bytes/sha256.ts";
import { MAX_PART_BYTES } from "../../publication/pointer.ts";
import type { Condition, Store } from "./store.ts";

/** KV has values by key, and no conditions. */
export interface KeyValues {
  readonly name: string;
  /** As `get` of a store. */
  read(key: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  write(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

/**
 * A store that reads, compares and puts, one after the other: a publication that ends within that time is not noticed and
 * is lost. The etag of a value is the hash of its bytes.
 */
export function keyValueStore(values: KeyValues): Store {
  const holds = async (key: string, condition: Condition): Promise<boolean> => {
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
    close: () => values.close(),
  };
}
