import { holdSignals } from "../interruption.ts";
import type { Io } from "../io.ts";
import { folderStore } from "./folder-store.ts";
import { localStore } from "./local-store.ts";
import { checkPointerKey } from "./pointer-key.ts";
import { readProject } from "./project.ts";
import { remoteStore } from "./remote-store.ts";
import type { Store } from "./store.ts";
import type { StoreOptions } from "./store-options.ts";
import { targetOf } from "./target.ts";

/** A store, and the key of the pointer in it. */
interface Place {
  readonly store: Store;
  readonly pointerKey: string;
}

/** Runs `action` with the store that the options name, `folder` before all others, then closes it. */
export async function withStore<T>(
  folder: string | undefined,
  options: StoreOptions,
  io: Io,
  action: (place: Place) => Promise<T>,
): Promise<T> {
  const place = folder === undefined ? await placeOfProject(options, io) : placeInFolder(folder, options);
  const hold = holdSignals(() => {});
  try {
    return await action(place);
  } finally {
    await place.store.close();
    hold.release();
  }
}

const placeInFolder = (folder: string, { key = "current.json" }: StoreOptions): Place => ({
  store: folderStore(folder),
  pointerKey: checkPointerKey(key, '"key"'),
});

async function placeOfProject({ config, env, key, remote }: StoreOptions, io: Io): Promise<Place> {
  const project = await readProject(config, env);
  const pointerKey =
    key === undefined
      ? checkPointerKey(project.config.vars.INDEX_KEY, `${project.configPath}: "INDEX_KEY"`)
      : checkPointerKey(key, '"key"');
  const target = targetOf(project);
  if (remote) return { store: remoteStore(project, target, io), pointerKey };
  if (target.source === "assets") return { store: folderStore(target.folder), pointerKey };
  return { store: await localStore(project, target), pointerKey };
}
