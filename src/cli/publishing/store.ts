import type { PointerPlace } from "../../publication/publishing/pointers-beside.ts";
import type { PublicationStore } from "../../publication/publishing/publication-store.ts";

/** A store of publications whose keys can be listed and removed. A value that is too long is not read to its end. */
export interface Store extends PublicationStore {
  /** Lists the keys in a folder, which is a prefix that ends in "/" or "", without those in folders of it. */
  list(folder: string): Promise<string[]>;
  /** Removes a value, if there is one. */
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

/** Returns the place of a pointer in a store. */
export const placeIn = (store: Store, pointerKey: string): PointerPlace => ({
  store,
  pointerKey,
  keysIn: (folder) => store.list(folder),
});
