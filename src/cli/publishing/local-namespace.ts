import { readAtMost } from "../../bytes/read-at-most.ts";
import { allPages } from "../remote/all-pages.ts";
import type { KeyValues } from "./key-value-store.ts";

/** The methods used here of a KV binding of a Worker. */
export interface KvBinding {
  get(key: string, type: "stream"): Promise<ReadableStream<Uint8Array> | null>;
  put(key: string, bytes: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: { readonly prefix: string; readonly cursor?: string }): Promise<{
    readonly keys: readonly { readonly name: string }[];
    readonly list_complete: boolean;
    readonly cursor?: string;
  }>;
}

/** Accesses a namespace in the local state of `wrangler dev`. */
export const localNamespace = (namespace: KvBinding, id: string, close: () => Promise<void>): KeyValues => ({
  name: `local KV namespace ${id}`,
  async read(key, maxBytes) {
    const value = await namespace.get(key, "stream");
    return value ? readAtMost(value, maxBytes) : undefined;
  },
  write: (key, bytes) => namespace.put(key, bytes),
  keys: (prefix) =>
    allPages(async (cursor) => {
      const page = await namespace.list({ prefix, ...(cursor !== undefined && { cursor }) });
      return { keys: page.keys.map(({ name }) => name), next: page.list_complete ? undefined : page.cursor };
    }),
  remove: (key) => namespace.delete(key),
  time: async () => undefined,
  close,
});
