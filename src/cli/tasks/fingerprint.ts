import { createHash } from "node:crypto";
import { openFile } from "../files/input-file.ts";
import { isRemote, shownPath } from "../remote/address.ts";
import type { OpenRemote } from "../remote/remote-files.ts";
import type { Fingerprint } from "./plan.ts";
import { pathOfPlan } from "./plan-paths.ts";
import type { TaskFolder } from "./task-folder.ts";

const BLOCKS = 64;
const BLOCK_BYTES = 65536;

/**
 * Makes the fingerprint of a file by its length and by evenly spaced blocks, the first and the last among them, so that files
 * of any size take milliseconds. The hashes of the rows find changes that the blocks miss (common-codebooks.ts). A server
 * states the version of a file at a URL, which takes the place of the blocks.
 */
export async function fingerprintOf(path: string, folder: string, openRemote: OpenRemote): Promise<Fingerprint> {
  if (isRemote(path)) {
    const { pin, close } = await openRemote(path);
    await close();
    return {
      path,
      byteLength: pin.byteLength,
      sha256: hashOf(pin.byteLength).update(pin.validator).digest("hex"),
      validator: pin.validator,
    };
  }
  const file = await openFile(pathOfPlan(path, folder));
  try {
    const { byteLength } = file;
    const hash = hashOf(byteLength);
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

const hashOf = (byteLength: number) => createHash("sha256").update(`${byteLength}\n`);

/**
 * Checks the inputs that a task reads. The hashes of the rows say nothing about labels, metadata, queries, an encoder or an older
 * index, so that parts with other ones would be put together.
 *
 * @throws Error if one is another file than the one that the plan was made for
 */
export async function checkInputs(
  { plan, folder, openRemote }: TaskFolder,
  isRead: (file: Fingerprint) => boolean = () => true,
): Promise<void> {
  for (const planned of plan.fingerprints.filter(isRead)) {
    const found = await fingerprintOf(planned.path, folder, openRemote);
    if (found.byteLength === planned.byteLength && found.sha256 === planned.sha256) continue;
    const bytes = `${found.byteLength} bytes, planned with ${planned.byteLength}`;
    throw new Error(`${shownPath(planned.path)} has changed since the plan was made (${bytes}): make the plan again`);
  }
}
