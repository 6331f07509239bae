import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { printable } from "../process/printable.ts";

/** The name of a manifest that a build writes. */
export const MANIFEST_NAME = "manifest.json";

/**
 * Throws a RangeError if `path` is not a regular file. It does not open it, since opening a pipe without a writer blocks.
 */
export async function expectFile(path: string): Promise<void> {
  refuseUrl(path);
  const found = await stat(path);
  if (!found.isFile()) throw await refusal(path, found);
}

/**
 * Throws a RangeError for a folder or a socket. A pipe or a device is accepted, for a reader that goes from front to back.
 */
export async function expectReadable(path: string): Promise<void> {
  refuseUrl(path);
  const found = await stat(path);
  if (found.isDirectory() || found.isSocket()) throw await refusal(path, found);
}

/** Throws a RangeError for a URL, which would otherwise be a file that is not there. */
function refuseUrl(path: string): void {
  if (!/^(?:https?|s3):\/\//i.test(path)) return;
  throw new RangeError(
    "URLs are for the inputs of builds and for manifests of builds in parts: download the file first",
  );
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isSocket()) return "a socket";
  return found.isFIFO() ? "a pipe" : "a device";
}

/** The error for what is no file. For a folder that midx build --parts wrote it names the manifest. */
async function refusal(path: string, found: Stats): Promise<RangeError> {
  const manifest = join(path, MANIFEST_NAME);
  const inside = await stat(manifest).catch(() => undefined);
  const advice = inside?.isFile() ? `: pass ${printable(manifest)}` : "";
  return new RangeError(`expected a file, got ${kindOf(found)}${advice}`);
}
