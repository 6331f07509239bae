import { sealManifest } from "../../publication/manifest.ts";
import { readCanary } from "../../publication/publishing/canary.ts";
import { flipCurrent, isManifest, type Published } from "../../publication/publishing/current.ts";
import type { ProgressEvent } from "../output/progress.ts";
import type { Store } from "./store.ts";
import { checkFiles, readVersion } from "./stored-version.ts";

export interface Promotion {
  readonly pointer: Published;
  /** The version that was current. */
  readonly from: string;
}

/**
 * Makes the canary the current version, after reading all of its files. Workers that hold it already read nothing again.
 *
 * @throws Error if there is no canary, if a part of it is missing or damaged, or if another publication came first
 */
export async function promote(
  store: Store,
  pointerKey: string,
  onStep: (step: ProgressEvent) => void = () => {},
): Promise<Promotion> {
  onStep({ phase: "read", done: 0, total: 1 });
  const { before, current } = await readCanary(store, pointerKey);
  const stored = await readVersion(store, pointerKey, current.canary.version);
  await checkFiles(store, pointerKey, stored, onStep);
  const { version: previous } = current;
  const pointer = isManifest(stored) ? await sealManifest({ ...stored, previous }) : { ...stored, previous };
  onStep({ phase: "current", done: 0, total: 1 });
  await flipCurrent(store, pointerKey, before, pointer);
  return { pointer, from: current.version };
}
