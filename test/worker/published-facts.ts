import type { PublishedFacts } from "../../src/publication/pointer.ts";
import { load } from "../../src/workerd.ts";

/** The facts about a file in its pointer. */
export async function factsOf(file: Uint8Array<ArrayBuffer>): Promise<PublishedFacts> {
  const { itemCount, dim, metric, hasLabels, memoryBytes } = (await load(file)).info;
  return { itemCount, dim, metric, hasLabels, memoryBytes };
}
