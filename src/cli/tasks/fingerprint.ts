import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { openFile } from "../files/input-file.ts";
import type { BuildPlan, Fingerprint } from "./plan.ts";

const BLOCKS = 64;
const BLOCK_BYTES = 65536;

/**
 * Makes the fingerprint of a file by its length and by evenly spaced blocks, the first and the last among them, so that files
 * of any size take milliseconds. What the blocks miss, the hashes of the rows find (common-codebooks.ts).
 */
export async function fingerprintOf(path: string, folder: string): Promise<Fingerprint> {
  const file = await openFile(resolve(folder, path));
  try {
    const { byteLength } = file;
    const hash = createHash("sha256").update(`${byteLength}\n`);
    const last = Math.max(0, byteLength - BLOCK_BYTES);
    for (let i = 0; i < BLOCKS; i++) {
      const begin = Math.floor((last * i) / (BLOCKS - 1));
      hash.update(await file.read(begin, Math.min(BLOCK_BYTES, byteLength - begin)));
    }
    return { path, byteLength, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

/** Throws an Error if an input is another file than the one that the plan was made for. */
export async function checkInputs({ fingerprints }: BuildPlan, folder: string): Promise<void> {
  for (const planned of fingerprints) {
    const found = await fingerprintOf(planned.path, folder);
    if (found.byteLength === planned.byteLength && found.sha256 === planned.sha256) continue;
    const bytes = `${found.byteLength} bytes, planned with ${planned.byteLength}`;
    throw new Error(`${planned.path} has changed since the plan was made (${bytes}): make the plan again`);
  }
}
