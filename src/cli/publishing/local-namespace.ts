import { readAtMost } from "../../bytes/read-at-most.ts";
import type { KeyValues } from "./key-value-store.ts";

/** A namespace of KV as a Worker has it, as far as it is used here. */
export interface KvBinding {
  get(key: string, type: "stream"): Promise<ReadableStream<Uint8Array> | null>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** A namespace in the state of `wrangler dev`. */
export const localNamespace = (namespace: KvBinding, id: string, close: () => Promise<void>): KeyValues => ({
  name: `local KV namespace ${id}`,
  async read(key, maxBytes) {
    const value = await namespace.get(key, "stream");
    return value ? readAtMost(value, maxBytes) : undefined;
  },
  write: (key, bytes) => namespace.put(key, bytes),
  close,
});
