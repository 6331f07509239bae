import { createHash } from "node:crypto";
import { MAX_PART_BYTES, partKey, serialisePointer } from "../../src/publication/pointer.ts";
import type { RunningWorker } from "./workers.ts";

/** Publishes a file in one part, and the pointer to it. */
export async function publish(
  { bucket }: RunningWorker,
  key: string,
  file: Uint8Array,
  version: string,
): Promise<void> {
  if (file.byteLength > MAX_PART_BYTES)
    throw new Error(`expected at most ${MAX_PART_BYTES} bytes, got ${file.byteLength}`);
  const sha256 = createHash("sha256").update(file).digest("hex");
  const part = { sha256, byteLength: file.byteLength };
  await bucket.put(partKey(key, part), file);
  await bucket.put(key, serialisePointer({ version, ...part, parts: [part] }));
}
