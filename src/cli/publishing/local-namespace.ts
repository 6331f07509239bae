import type { KeyValues } from "./key-value-store.ts";

/** A namespace of KV as a Worker has it, as far as it is used here. */
export interface KvBinding {
  get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** A namespace in the state of `wrangler dev`. */
export const localNamespace = (namespace: KvBinding, id: string, close: () => Promise<void>): KeyValues => ({
  name: `local KV namespace ${id}`,
  async read(key) {
    const value = await namespace.get(key, "arrayBuffer");
    return value ? new Uint8Array(value) : undefined;
  },
  write: (key, bytes) => namespace.put(key, bytes),
  close,
});
