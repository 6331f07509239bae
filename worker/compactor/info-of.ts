import { headerIn } from "../../src/internal.ts";
import type { IndexInfo } from "../../src/public.ts";
import { load } from "../../src/workerd.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";
import { workerBytes } from "../host/worker-bytes.ts";

/**
 * Loads a file as a Worker does, which checks all of it, and returns the facts about it. Its memory is counted as midx publish counts
 * it, so that a part has the same pointer whoever compacts it.
 */
export async function infoOf(file: Uint8Array): Promise<IndexInfo> {
  const index = await load(file, INDEX_LIMITS);
  const { info } = index;
  index.dispose();
  return { ...info, memoryBytes: workerBytes(headerIn(file, file.length)) };
}
