import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Sources {
  /** The paths of all files that git does not ignore, relative to the root. */
  readonly paths: readonly string[];
  /** The SHA-256 of the paths and contents of all files. */
  readonly hash: string;
}

export function sourceFiles(): Sources {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const paths = listed
    .trim()
    .split("\n")
    .filter((path) => existsSync(join(root, path)))
    .sort();
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return { paths, hash: hash.digest("hex") };
}
