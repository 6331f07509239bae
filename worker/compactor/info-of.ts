import type { IndexInfo } from "../../src/public.ts";
import { load } from "../../src/workerd.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";

/** Loads a file as a Worker does, which checks all of it, and returns the facts about it. */
export async function infoOf(file: Uint8Array): Promise<IndexInfo> {
  const index = await load(file, INDEX_LIMITS);
  const { info } = index;
  index.dispose();
  return info;
}
