import { FormatError } from "../../bytes/format-error.ts";
import { isManifestText, MAX_MANIFEST_BYTES, type Manifest, manifestIn } from "../../publication/manifest.ts";
import type { TaskFiles } from "./task-files.ts";

/**
 * Returns the files that the manifests beside the parts name: manifest.json, and those that midx compact or midx calibrate wrote
 * under other names.
 */
export async function namedParts(files: TaskFiles): Promise<Set<string>> {
  const named = new Set<string>();
  for (const name of await files.namesWith([""])) {
    if (!name.endsWith(".json")) continue;
    const byteLength = (await files.byteLengthOf(name)) ?? Number.POSITIVE_INFINITY;
    const found = byteLength <= MAX_MANIFEST_BYTES ? await files.read(name) : undefined;
    const manifest = found && (await manifestOf(found.bytes, name));
    for (const { file } of manifest?.parts ?? []) if (file !== undefined) named.add(file);
  }
  return named;
}

/** Removes the parts of a manifest that was replaced, unless the new one, or another beside it, names them. */
export async function removeReplaced(
  files: TaskFiles,
  before: Manifest | undefined,
  { parts }: Manifest,
): Promise<void> {
  const kept = new Set([...parts.map(({ file }) => file), ...(await namedParts(files))]);
  for (const { file } of before?.parts ?? []) {
    if (file !== undefined && !kept.has(file)) await files.remove(file);
  }
}

/** Reads a manifest. Undefined for a damaged one, and for other files: neither names parts that can be found. */
export async function manifestOf(bytes: Uint8Array, name: string): Promise<Manifest | undefined> {
  if (!isManifestText(new TextDecoder().decode(bytes))) return undefined;
  try {
    return await manifestIn(bytes, { itself: name });
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
