import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import type { Pointer, PublishedFacts } from "../../publication/pointer.ts";
import { readPart } from "./parts.ts";
import type { Store } from "./store.ts";
import { factsOfInfo } from "./successor.ts";

/**
 * The facts of a published version: those of its pointer, or of its file where the pointer is older than facts are.
 * Undefined where the file can't be read: a version that nobody can serve has no clients.
 */
export async function publishedFacts(
  store: Store,
  pointerKey: string,
  pointer: Pointer,
): Promise<PublishedFacts | undefined> {
  if (pointer.facts) return pointer.facts;
  try {
    const { load } = await import("../../index.ts"); // with its kernels, which nothing else of a publication needs
    const index = await load(partsOf(store, pointerKey, pointer), INDEX_LIMITS);
    const facts = factsOfInfo(index.info);
    index.dispose();
    return facts;
  } catch {
    return undefined;
  }
}

/** The parts end to end, one in memory at a time. */
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
