import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import { formatNameOf } from "../inputs/formats.ts";
import { jsonEntries } from "../inputs/json-entries.ts";
import { openSource } from "../inputs/source.ts";
import { isInBucket, isRemote, shownPath } from "../remote/address.ts";
import type { OpenRemote } from "../remote/remote-files.ts";
import type { PlannedInput } from "./plan.ts";
import { pathOfPlan } from "./plan-paths.ts";

/**
 * Returns the shards that tasks read through an index of a model (shards.ts), as the plan in `folder` names its inputs. The index
 * stays the same when a shard changes. Shards of other tensors are left out, since they need not be there.
 */
export async function shardsOfInputs(
  { embeddings, format, tensor, bias, counts }: PlannedInput,
  files: readonly string[],
  folder: string,
  openRemote: OpenRemote,
): Promise<string[]> {
  const shards: string[] = [];
  for (const file of files) {
    const stated = file === embeddings ? format : undefined;
    if ((stated ?? formatNameOf(shownPath(file))) !== "safetensors.index.json") continue;
    const named = file === embeddings ? [tensor, bias, counts] : [];
    const map = await weightMap(pathOfPlan(file, folder), openRemote);
    // Without a name, an index is read only if it has one tensor.
    const read = map.filter(([name]) => map.length === 1 || named.includes(name));
    shards.push(...read.map(([, shard]) => besideInPlan(file, shard)));
  }
  return [...new Set(shards)];
}

/** Returns the tensors and files of an index. Its reader refuses what is left out here. */
async function weightMap(path: string, openRemote: OpenRemote): Promise<[name: string, shard: string][]> {
  const file = await openSource(path, openRemote);
  try {
    if (file.byteLength > MAX_HEADER_BYTES) return [];
    const map = jsonEntries(await file.read(0, file.byteLength)).find(([key]) => key === "weight_map")?.[1];
    return Object.entries(map ?? {}).filter(([, shard]) => typeof shard === "string" && /^[^/\\:\0]+$/.test(shard));
  } finally {
    await file.close();
  }
}

function besideInPlan(file: string, name: string): string {
  if (isRemote(file) && !isInBucket(file)) return new URL(encodeURIComponent(name), file).href;
  return file.replace(/[^\\/]*$/, () => name);
}
