import { versionKey } from "../pointer.ts";
import { contentOf, type Published, pointerBytes, readPointer, sequenceOf } from "./current.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** Writes the pointer of a version. If a publication is killed after this, publishing the same file again continues it. */
export async function putVersion(store: PublicationStore, pointerKey: string, pointer: Published): Promise<void> {
  const key = versionKey(pointerKey, pointer.version);
  if (!(await store.put(key, pointerBytes(pointer), "absent"))) await checkVersion(store, pointerKey, pointer);
}

/** Throws an Error if something else was published under the same version. */
export async function checkVersion(store: PublicationStore, pointerKey: string, pointer: Published): Promise<void> {
  const key = versionKey(pointerKey, pointer.version);
  const taken = await readPointer(store, key);
  if (!taken) return;
  const [given, there] = [sequenceOf(pointer), sequenceOf(taken.pointer)];
  if (contentOf(taken.pointer) === contentOf(pointer)) {
    if (given === there) return;
    throw new Error(
      `${placeOf(store, key)} is this file with the changes of the log up to ${there}, not ${given}: choose another name`,
    );
  }
  throw new Error(`${placeOf(store, key)} is another file: a version is published only once, choose another name`);
}
