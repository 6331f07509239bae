import { createHash } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  type Pointer,
  type PublishedFacts,
  partKey,
  serialisePointer,
  versionKey,
} from "../../src/publication/pointer.ts";
import type { Catalogue } from "./catalogue.ts";

/** Writes a value of the store that a service reads its versions from. */
export type Put = (key: string, value: Uint8Array | string) => Promise<unknown>;

/** Builds a version with all changes that are acknowledged so far, beside the load, and publishes it. */
export async function publishVersion(put: Put, key: string, catalogue: Catalogue, version: string): Promise<void> {
  const { sequence, labels, rows } = version === "v0" ? catalogue.first() : catalogue.versionNow();
  const builder = new Worker(new URL("build-version.ts", import.meta.url), { workerData: { labels, rows } });
  const [{ file, facts }] = (await once(builder, "message")) as [{ file: Uint8Array; facts: PublishedFacts }];
  const part = { sha256: createHash("sha256").update(file).digest("hex"), byteLength: file.byteLength };
  const pointer: Pointer = { version, ...part, parts: [part], facts, ...(sequence > 0 && { sequence }) };
  await put(partKey(key, part), file);
  await put(versionKey(key, version), serialisePointer(pointer));
  await put(key, serialisePointer(pointer));
}
