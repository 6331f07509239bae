import type { Room } from "../../../worker/live/bytes-with-changes.ts";
import { holdSignals } from "../process/interruption.ts";
import { type Io, notesOn } from "../process/io.ts";
import { explainedStore } from "./explained-store.ts";
import type { LockOptions } from "./file-lock.ts";
import { folderRemedy, folderStore } from "./folder-store.ts";
import { localStore } from "./local-store.ts";
import { checkPointerKey } from "./pointer-key.ts";
import { readProject } from "./project.ts";
import { remoteStore } from "./remote-store.ts";
import { objectsOf } from "./shared-isolates.ts";
import type { Store } from "./store.ts";
import type { StoreOptions } from "./store-options.ts";
import { targetOf } from "./target.ts";
import { roomIn } from "./worker-room.ts";

/** A store, and the key of the pointer in it. */
interface Place {
  readonly store: Store;
  readonly pointerKey: string;
  /** The files are deployed with the Worker, so no Worker swaps one version for the next. */
  readonly isDeployed: boolean;
  /** The bindings of Durable Objects of the Worker that is deployed from there. */
  readonly objects: readonly string[];
  /** The room for changes of the Worker that is deployed from there, if it accepts them. */
  readonly room?: Room | undefined;
  /** The folder, if values are files. */
  readonly folder?: string;
}

/** Runs `action` with the store that the options name, and then closes it. `folder` takes precedence. */
export async function withStore<T>(
  folder: string | undefined,
  options: StoreOptions,
  io: Io,
  action: (place: Place) => Promise<T>,
): Promise<T> {
  const place = folder === undefined ? await placeOfProject(options, io) : placeInFolder(folder, options, io);
  const hold = holdSignals(() => {});
  try {
    return await action(place);
  } finally {
    await place.store.close();
    hold.release();
  }
}

const placeInFolder = (folder: string, { key = "current.json" }: StoreOptions, io: Io): Place => ({
  store: inFolder(folder, io),
  pointerKey: checkPointerKey(key, "'--key'"),
  isDeployed: false,
  objects: [],
  folder,
});

const inFolder = (folder: string, io: Io): Store => explainedStore(folderStore(folder, lockOptions(io)), folderRemedy);

const lockOptions = (io: Io): LockOptions => ({ signal: io.signal, onNote: notesOn(io) });

async function placeOfProject({ config, env, key, remote }: StoreOptions, io: Io): Promise<Place> {
  const project = await readProject(config, env);
  const pointerKey =
    key === undefined
      ? checkPointerKey(project.config.vars.INDEX_KEY, `${project.configPath}: "INDEX_KEY"`)
      : checkPointerKey(key, "'--key'");
  const target = targetOf(project);
  const isDeployed = target.source === "assets";
  const place = {
    pointerKey,
    isDeployed,
    objects: remote ? objectsOf(project.config) : [],
    room: roomIn(project.config),
  };
  if (remote) return { store: remoteStore(project, target, io), ...place };
  if (target.source === "assets") return { store: inFolder(target.folder, io), folder: target.folder, ...place };
  return { store: await localStore(project, target, lockOptions(io)), ...place };
}
