import { openedOf } from "../../src/parts/opened-of.ts";
import type { IndexSource, MultiIndex } from "../../src/public.ts";
import type { Load } from "../publication/open-publication.ts";
import { type OpenChanging, roomFor } from "./changing.ts";
import { withoutHeap } from "./heap-of-changes.ts";
import { inMemory } from "./in-memory.ts";
import { peeked } from "./room-for-changes.ts";

/** Opens index files. */
export const openIndex =
  (load: Load): OpenChanging<IndexSource> =>
  async (given, options, publication, wanted, least = 0) => {
    const { source, maxDelta: byDefault } = await peeked(given);
    const maxDelta = wanted ?? byDefault;
    const room = Math.max(roomFor(maxDelta), least);
    const index = (await load(source, { ...withoutHeap(options, room), maxDelta: room }, publication)) as MultiIndex;
    const opened = openedOf(index);
    const isRemoved = (id: number): boolean => opened.delta?.removedIds.has(id) ?? false;
    const sequence = index.info.compaction?.sequence ?? 0;
    return { index: Object.assign(index, { isRemoved }), ...inMemory(index, index), maxDelta, room, sequence };
  };
