import { MAX_PART_BYTES } from "../../publication/pointer.ts";
import type { PutCondition } from "../../publication/segments/segment-store.ts";
import { allPages } from "../remote/all-pages.ts";
import type { Store } from "./store.ts";

/** The methods used here of an R2 binding of a Worker. */
export interface R2Binding {
  get(
    key: string,
    options: { readonly range: { readonly offset: number; readonly length: number } },
  ): Promise<{ readonly etag: string; arrayBuffer(): Promise<ArrayBuffer> } | null>;
  delete(key: string): Promise<void>;
  list(options: { readonly prefix: string; readonly delimiter: "/"; readonly cursor?: string }): Promise<{
    readonly objects: readonly { readonly key: string; readonly uploaded: Date }[];
    readonly truncated: boolean;
    readonly cursor?: string;
  }>;
  /** Returns null if the condition does not hold. */
  put(key: string, bytes: Uint8Array, options: { readonly onlyIf?: R2Condition }): Promise<object | null>;
}

type R2Condition = { readonly etagMatches: string } | { readonly etagDoesNotMatch: "*" };

/** Accesses a bucket in the local state of `wrangler dev`. */
export const localBucket = (bucket: R2Binding, name: string, close: () => Promise<void>): Store => ({
  name: `local R2 bucket ${name}`,
  async get(key, maxBytes = MAX_PART_BYTES) {
    const object = await bucket.get(key, { range: { offset: 0, length: maxBytes + 1 } });
    return object ? { bytes: new Uint8Array(await object.arrayBuffer()), etag: object.etag } : undefined;
  },
  async put(key, bytes, condition) {
    return Boolean(await bucket.put(key, bytes, condition ? { onlyIf: conditionOf(condition) } : {}));
  },
  list: (folder) =>
    allPages(async (cursor) => {
      const page = await bucket.list({ prefix: folder, delimiter: "/", ...(cursor !== undefined && { cursor }) });
      const keys = page.objects.map(({ key, uploaded }) => ({ key, writtenAt: uploaded.getTime() }));
      return { keys, next: page.truncated ? page.cursor : undefined };
    }),
  remove: (key) => bucket.delete(key),
  time: async () => undefined,
  close,
});

const conditionOf = (condition: PutCondition): R2Condition =>
  condition === "absent" ? { etagDoesNotMatch: "*" } : { etagMatches: condition.etag };
