import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { replaceFile } from "../kernels/replace-file.ts";
import { readIfThere } from "../kernels/stamp.ts";

/** Everything that decides how a text is minified, beside the text: the code that calls terser, and terser. */
const TOOLS = ["./minified.ts", "./line-limit.ts", "../../node_modules/terser/package.json"].map((path) =>
  readFileSync(new URL(path, import.meta.url), "utf8"),
);
const HASH_LENGTH = 64;

/**
 * Returns what `minify` makes of a bundle, from `folder` if the bundle was minified before and has not changed: terser takes
 * nine tenths of the time of all bundles. The folder has one file for each bundle, which begins with the hash of all that it
 * was made from.
 */
export async function minifiedBefore(
  folder: string,
  path: string,
  inputs: readonly unknown[],
  minify: () => Promise<string>,
): Promise<string> {
  const kept = join(folder, basename(path));
  const hash = createHash("sha256")
    .update(JSON.stringify([TOOLS, inputs]))
    .digest("hex");
  const before = readIfThere(kept)?.toString();
  if (before?.startsWith(hash)) return before.slice(HASH_LENGTH);
  const text = await minify();
  replaceFile(kept, hash + text);
  return text;
}
