import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { manifestIn } from "../../publication/manifest.ts";
import { MANIFEST_NAME } from "../files/file-kind.ts";
import { isInBucket } from "../remote/address.ts";

/** The folder of the records of a plan, and the file of a part. */
const OF_A_BUILD = /^(?:tasks-[0-9a-f]{12}|part-\d{4,}-[0-9a-f]{12}\.midx)$/;

/**
 * Lists what builds that did not finish have left beside a manifest and its parts. Nothing removes it by itself, because such a
 * build may still run elsewhere, and goes on from there if it is run again. A bucket is not listed.
 */
export async function leftoversIn(folder: string): Promise<string[]> {
  if (isInBucket(folder)) return [];
  const { parts } = await manifestIn(await readFile(join(folder, MANIFEST_NAME)), { itself: MANIFEST_NAME });
  const named = new Set(parts.map(({ file }) => file));
  return (await readdir(folder)).filter((name) => OF_A_BUILD.test(name) && !named.has(name)).sort();
}

export const leftoversLine = (folder: string, names: readonly string[]): string =>
  `note: ${folder} has files of a build that has not finished, which the manifest does not name: ${names.join(", ")}. Run that build again, or remove them`;
