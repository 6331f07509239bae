import { MANIFEST_NAME } from "../files/file-kind.ts";
import { namedParts } from "./named-parts.ts";
import type { TaskFiles } from "./task-files.ts";

/** The folder of the records of a plan, and the file of a part. */
const OF_A_BUILD = /^(?:tasks-[0-9a-f]{12}|part-\d{4,}-[0-9a-f]{12}\.midx)$/;
const BEGINNINGS = ["tasks-", "part-"];

/**
 * Lists what builds that did not finish have left beside manifests and their parts. Nothing removes it by itself, because such a
 * build may still run elsewhere, and goes on from there if it is run again.
 */
export async function leftoversIn(files: TaskFiles): Promise<string[]> {
  if ((await files.byteLengthOf(MANIFEST_NAME)) === undefined) return []; // somebody has removed it meanwhile
  const named = await namedParts(files);
  return (await files.namesWith(BEGINNINGS)).filter((name) => OF_A_BUILD.test(name) && !named.has(name)).sort();
}

export const leftoversLine = (folder: string, names: readonly string[]): string =>
  `note: ${folder} has files of a build that has not finished, which no manifest names: ${names.join(", ")}. Run that build again, or remove them`;
