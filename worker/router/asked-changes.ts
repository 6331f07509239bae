import type { WorkingParts } from "../host/served-index.ts";
import type { RouterInfo } from "./merged-info.ts";
import type { AskedChanges } from "./part-client.ts";

/** The index of a router after some changes. */
export interface ChangedIndex extends AskedChanges {
  readonly info: RouterInfo;
  readonly parts: WorkingParts;
  isRemoved(id: number): boolean;
}
