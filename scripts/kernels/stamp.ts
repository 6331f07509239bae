import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 by path, or null for a file that the compiler looked for and did not find. Paths are relative to the root. */
export type Hashes = Readonly<Record<string, string | null>>;

/**
 * Records the inputs and outputs of a compilation. It contains hashes and no times, so it stays valid in a copy, a clone or
 * another branch. Since it covers the outputs, an interrupted compilation is noticed.
 */
export interface Stamp {
  /** The versions of the compiler and of the package. */
  readonly compiler: string;
  /** All files that the compiler read, including asconfig.json, and the paths that it tried in vain. */
  readonly inputs: Hashes;
  readonly outputs: Hashes;
  /** The warnings of the compiler, which are repeated while the stamp is valid. */
  readonly warnings: string;
}

/** Returns whether compiling again would give the existing files. */
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

/** Returns a function that hashes the files under a root. It reads each file once. */
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

/** Reads the stamp beside an output. Returns undefined if there is no readable one. */
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
