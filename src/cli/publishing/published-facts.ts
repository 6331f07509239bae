import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import type { Pointer, PublishedFacts } from "../../publication/pointer.ts";
import { readPart } from "./parts.ts";
import type { Store } from "./store.ts";
import { factsOfInfo } from "./successor.ts";

/**
 * Returns the facts of a published version from its pointer, or from its file if an older midx wrote the pointer without
 * facts. Undefined if the file can't be read: a version that can't be served has no clients.
 */
export async function publishedFacts(
  store: Store,
  pointerKey: string,
  pointer: Pointer,
): Promise<PublishedFacts | undefined> {
  if (pointer.facts) return pointer.facts;
  try {
    const { load } = await import("../../index.ts"); // only this needs the kernels
    const index = await load(partsOf(store, pointerKey, pointer), INDEX_LIMITS);
    const facts = factsOfInfo(index.info);
    index.dispose();
    return facts;
  } catch {
    return undefined;
  }
}

/** Streams the parts in order, with one part in memory at a time. */
function partsOf(store: Store, pointerKey: string, { parts }: Pointer): ReadableStream<Uint8Array> {
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
