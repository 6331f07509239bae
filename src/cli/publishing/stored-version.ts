import { createHash } from "node:crypto";
import { MAX_HEADER_BYTES } from "../../format/header.ts";
import { isVersionName } from "../../publication/fields.ts";
import { type Pointer, versionKey } from "../../publication/pointer.ts";
import { isManifest, type Published, readPointer } from "../../publication/publishing/current.ts";
import { readPart } from "../../publication/publishing/parts.ts";
import { pointerOf } from "../../publication/publishing/pointer-of-part.ts";
import { claim } from "../../publication/publishing/pruning-marks.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import type { ProgressEvent } from "../output/progress.ts";
import type { Store } from "./store.ts";

/** Reads the pointer of a version. RangeError if there is no such version. */
export async function readVersion(store: Store, pointerKey: string, version: string): Promise<Published> {
  const key = versionKey(pointerKey, version);
  const found = isVersionName(version) ? await readPointer(store, key) : undefined;
  if (!found) {
    const place = `${placeOf(store, key)} was not published, or midx prune has deleted it`;
    throw new RangeError(`there is no version ${JSON.stringify(version)}: ${place}`);
  }
  if (found.pointer.version === version) return found.pointer;
  throw new Error(`${placeOf(store, key)} is the pointer of ${found.pointer.version}`);
}

/**
 * Checks that all files are complete, and keeps midx prune from them. Returns the beginning of the file, which has its header, so
 * that nobody reads a part twice. Parts of a manifest have no common header.
 */
export async function checkFiles(
  store: Store,
  pointerKey: string,
  published: Published,
  onStep: (step: ProgressEvent) => void,
): Promise<Uint8Array> {
  await claim(store, pointerKey, published.version, isManifest(published) ? [] : published.parts);
  if (!isManifest(published)) return checkParts(store, pointerKey, published, onStep);
  for (const part of published.parts) {
    const pointer = await pointerOf(store, pointerKey, published, part);
    await claim(store, pointerKey, pointer.version, pointer.parts);
    await checkParts(store, pointerKey, pointer, onStep);
  }
  return new Uint8Array(0);
}

/** Checks that the file is complete, and returns its beginning. */
async function checkParts(
  store: Store,
  pointerKey: string,
  { version, parts, byteLength, sha256 }: Pointer,
  onStep: (step: ProgressEvent) => void,
): Promise<Uint8Array> {
  const hash = createHash("sha256");
  const start = new Uint8Array(Math.min(byteLength, MAX_HEADER_BYTES));
  let at = 0;
  for (const [done, part] of parts.entries()) {
    onStep({ phase: "parts", done, total: parts.length });
    const bytes = await readPart(store, pointerKey, part);
    hash.update(bytes);
    start.set(bytes.subarray(0, Math.max(0, start.byteLength - at)), Math.min(at, start.byteLength));
    at += bytes.byteLength;
  }
  if (hash.digest("hex") === sha256) return start;
  throw new Error(`${placeOf(store, versionKey(pointerKey, version))}: its parts do not add up to the file`);
}
