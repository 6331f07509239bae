import { factsOfInfo } from "../../publication/facts-of-info.ts";
import type { Manifest } from "../../publication/manifest.ts";
import type { Pointer, PublishedFacts } from "../../publication/pointer.ts";
import { isManifest, type Published } from "./current.ts";
import { readPart } from "./parts.ts";
import type { Store } from "./store.ts";

/**
 * Returns the facts of a published version from its pointer, or from its file if an older midx wrote the pointer without
 * facts. Undefined if the file can't be read: a version that can't be served has no clients. The parts of a manifest have
 * hosts of their own, so it takes no memory beside its successor.
 */
export async function publishedFacts(
  store: Store,
  pointerKey: string,
  pointer: Published,
): Promise<PublishedFacts | undefined> {
  if (isManifest(pointer)) return factsOfManifest(pointer);
  if (pointer.facts) return pointer.facts;
  try {
    const { loadAsWorker } = await import("./load-as-worker.ts"); // only this needs the kernels
    const index = await loadAsWorker(partsOf(store, pointerKey, pointer));
    const facts = factsOfInfo(index.info);
    index.dispose();
    return facts;
  } catch {
    return undefined;
  }
}

/** Returns the facts of all parts together. Their hosts hold them, so a Worker that reads a manifest holds none of them. */
export const factsOfManifest = ({ classes, facts: { dim, metric, hasLabels, space } }: Manifest): PublishedFacts => ({
  itemCount: classes,
  ...{ dim, metric, hasLabels, memoryBytes: 0, ...(space !== undefined && { space }) },
});

/** Streams the parts in order, with one part in memory at a time. */
export function partsOf(store: Store, pointerKey: string, { parts }: Pointer): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const part = parts[next++];
        if (part) controller.enqueue(await readPart(store, pointerKey, part));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
