import type { Manifest } from "../manifest.ts";
import type { Pointer, PublishedFacts } from "../pointer.ts";
import { isManifest, type Published } from "./current.ts";
import { readPart } from "./parts.ts";
import type { PublicationStore } from "./publication-store.ts";

/** Reads the facts of an index file by loading it. */
export type ReadFacts = (file: ReadableStream<Uint8Array>) => Promise<PublishedFacts>;

/**
 * Returns the facts of a published version from its pointer, or from its file if an older midx wrote the pointer without
 * facts. Undefined if the file can't be read: a version that can't be served has no clients. It is also undefined without
 * `readFacts`. The parts of a manifest have hosts of their own, so it takes no memory beside its successor.
 */
export async function publishedFacts(
  store: PublicationStore,
  pointerKey: string,
  pointer: Published,
  readFacts: ReadFacts | undefined,
): Promise<PublishedFacts | undefined> {
  if (isManifest(pointer)) return factsOfManifest(pointer);
  if (pointer.facts || !readFacts) return pointer.facts;
  try {
    return await readFacts(partsOf(store, pointerKey, pointer));
  } catch {
    return undefined;
  }
}

/** Returns the facts of all parts together. Their hosts hold them, so a Worker that reads a manifest holds none of them. */
export const factsOfManifest = ({ classes, facts: { dim, metric, hasLabels, space } }: Manifest): PublishedFacts => ({
  itemCount: classes,
  dim,
  metric,
  hasLabels,
  memoryBytes: 0,
  ...(space !== undefined && { space }),
});

/** Streams the parts in order, with one part in memory at a time. */
export function partsOf(store: PublicationStore, pointerKey: string, { parts }: Pointer): ReadableStream<Uint8Array> {
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
