import { compactPublished } from "../../../src/cli/compacting/compact-published.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";

export const POINTER = "words/current.json";
export const LOG = "words/log/";

/** Compacts what is published into the version "new". */
export const compactTo = (store: Store, log: ChangeLog) =>
  compactPublished(store, POINTER, log, { compact: { calibrate: "carry" }, version: "new", onStep: () => {} });
