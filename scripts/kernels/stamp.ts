import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 by path, null for a file that was looked for and is not there. Paths are relative to the root. */
export type Hashes = Readonly<Record<string, string | null>>;

/**
 * Says what a target was compiled from and what came out. It holds hashes and no times, so it stays true in a copy, a clone
 * or another branch; and as it covers the outputs, a compilation that was interrupted is seen.
 */
export interface Stamp {
  /** The versions of the compiler and of the package. */
  readonly compiler: string;
  /** All that the compiler read, asconfig.json included, and the paths that it tried in vain. */
  readonly inputs: Hashes;
  readonly outputs: Hashes;
  /** The warnings of the compiler, to be said again as long as they hold. */
  readonly warnings: string;
}

/** Whether compiling again would give the files that are there. */
export function isCurrent(
  stamp: Stamp | undefined,
  compiler: string,
  hashOf: (path: string) => string | null,
): stamp is Stamp {
  if (stamp?.compiler !== compiler) return false;
  return [stamp.inputs, stamp.outputs].every((hashes) =>
    Object.entries(hashes).every(([path, hash]) => hashOf(path) === hash),
  );
}

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Hashes of the files under a root as they are now, each read once. */
export function hashesOf(root: string): (path: string) => string | null {
  const known = new Map<string, string | null>();
  return (path) => {
    let hash = known.get(path);
    if (hash === undefined) {
      const content = readIfThere(join(root, path));
      hash = content === null ? null : sha256(content);
      known.set(path, hash);
    }
    return hash;
  };
}

/** The stamp beside an output; undefined where there is none that can be read. */
export function readStamp(root: string, outFile: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(join(root, stampOf(outFile)), "utf8"));
  } catch {
    return undefined;
  }
}

export const stampOf = (outFile: string): string => outFile.replace(/\.wasm$/, ".stamp.json");

export function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
