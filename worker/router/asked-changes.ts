import type { IndexInfo } from "../../src/public.ts";
import type { RouterInfo } from "./merged-info.ts";
import type { AskedChanges } from "./part-client.ts";

/** The index of a router after some changes. */
export interface ChangedIndex extends AskedChanges {
  readonly info: RouterInfo;
  /** The sizes of the largest part. */
  readonly sizes: IndexInfo;
  isRemoved(id: number): boolean;
}
