import { versionKey } from "../pointer.ts";
import { contentOf, type Published, pointerBytes, readPointer, sequenceOf } from "./current.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** The number of times that the pointer of a version is written. */
const MOST_TRIES = 3;

/** Writes the pointer of a version. If a publication is killed after this, publishing the same file again continues it. */
export async function putVersion(store: PublicationStore, pointerKey: string, pointer: Published): Promise<void> {
  const key = versionKey(pointerKey, pointer.version);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (await store.put(key, pointerBytes(pointer), "absent")) return;
    // S3 also refuses a write because another one is on its way (409), and then nothing may be there.
    if (await checkVersion(store, pointerKey, pointer)) return;
  }
  throw new Error(
    `${placeOf(store, key)} was refused ${MOST_TRIES} times, and nothing is there: run the command again`,
  );
}

/** Returns whether a version is there. Throws an Error if something else was published under its name. */
export async function checkVersion(store: PublicationStore, pointerKey: string, pointer: Published): Promise<boolean> {
  const key = versionKey(pointerKey, pointer.version);
  const taken = await readPointer(store, key);
  if (!taken) return false;
  const [given, there] = [sequenceOf(pointer), sequenceOf(taken.pointer)];
  if (contentOf(taken.pointer) === contentOf(pointer)) {
    if (given === there) return true;
    throw new Error(
      `${placeOf(store, key)} is this file with the changes of the log up to ${there}, not ${given}: choose another name`,
    );
  }
  throw new Error(`${placeOf(store, key)} is another file: a version is published only once, choose another name`);
}
