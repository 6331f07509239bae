import { FormatError } from "../../bytes/format-error.ts";
import { jsonIn } from "../json-bytes.ts";
import type { SegmentStore } from "./segment-store.ts";

/** A small value of a log that is JSON, with the tag of its content. */
export interface StoredJson<Value> {
  readonly value: Value;
  readonly etag: string;
}

/**
 * Reads a small value that is JSON, with integers under some names. Undefined if there is none.
 *
 * @throws FormatError that names the place, if it is no such object
 */
export async function storedJson<Value>(
  store: Pick<SegmentStore, "name" | "get">,
  key: string,
  integers: readonly (keyof Value & string)[],
): Promise<StoredJson<Value> | undefined> {
  const stored = await store.get(key);
  if (!stored) return undefined;
  const value = jsonIn(stored.bytes) as Partial<Record<string, unknown>> | null | undefined;
  if (integers.every((name) => Number.isSafeInteger(value?.[name])))
    return { value: value as Value, etag: stored.etag };
  throw new FormatError(
    "segment",
    0,
    `${store.name}: ${key}: expected JSON with ${integers.join(", ")}: put it back as midx wrote it`,
  );
}
