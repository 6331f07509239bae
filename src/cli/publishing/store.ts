import type { PointerPlace } from "../../publication/publishing/pointers-beside.ts";
import type { PublicationStore } from "../../publication/publishing/publication-store.ts";

/** A value in a listing. */
export interface Listed {
  readonly key: string;
  /** When it was last written, in ms by the clock of the store. Undefined where the store does not say. */
  readonly writtenAt?: number | undefined;
}

/** A store of publications whose keys can be listed and removed. A value that is too long is not read to its end. */
export interface Store extends PublicationStore {
  /** Lists the values in a folder, which is a prefix that ends in "/" or "", without those in folders of it. */
  list(folder: string): Promise<Listed[]>;
  /** Removes a value, if there is one. */
  remove(key: string): Promise<void>;
  /** Returns the time in ms by the clock of the store. Undefined for one that has no clock but that of this machine. */
  time(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Returns the place of a pointer in a store. */
export const placeIn = (store: Store, pointerKey: string): PointerPlace => ({
  store,
  pointerKey,
  keysIn: async (folder) => (await store.list(folder)).map(({ key }) => key),
});
