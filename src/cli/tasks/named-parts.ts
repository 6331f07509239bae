import { FormatError } from "../../bytes/format-error.ts";
import { isManifestText, MAX_MANIFEST_BYTES, type Manifest, manifestIn } from "../../publication/manifest.ts";
import type { InputFile } from "../files/input-file.ts";
import { START_BYTES } from "../publishing/remote-manifest.ts";
import type { TaskFiles } from "./task-files.ts";

/**
 * Returns the files that the manifests beside the parts name: manifest.json, and those that midx compact or midx calibrate wrote
 * under other names. Their first bytes tell them, since any name may be that of a manifest.
 */
export async function namedParts(files: TaskFiles): Promise<Set<string>> {
  const named = new Set<string>();
  for (const name of await files.namesWith([""])) {
    if (IS_PART.test(name) || !(await beginsAsManifest(files, name))) continue;
    const found = await files.read(name);
    const manifest = found && (await manifestOf(found.bytes, name));
    for (const { file } of manifest?.parts ?? []) if (file !== undefined) named.add(file);
  }
  return named;
}

/** The file of a part, as partFileName names it. */
const IS_PART = /^part-\d{4,}-[0-9a-f]{12}\.midx$/;

async function beginsAsManifest(files: TaskFiles, name: string): Promise<boolean> {
  const byteLength = (await files.byteLengthOf(name)) ?? 0;
  if (byteLength === 0 || byteLength > MAX_MANIFEST_BYTES) return false;
  const file = await openIfThere(files, name);
  if (!file) return false;
  try {
    return isManifestText(new TextDecoder().decode(await file.read(0, Math.min(file.byteLength, START_BYTES))));
  } finally {
    await file.close();
  }
}

/** Opens a file. Undefined for a folder, and for a file that is gone by now. */
async function openIfThere(files: TaskFiles, name: string): Promise<InputFile | undefined> {
  try {
    return await files.open(name);
  } catch (error) {
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
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
