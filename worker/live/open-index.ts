import { openedOf } from "../../src/parts/opened-of.ts";
import type { IndexSource } from "../../src/public.ts";
import type { Load } from "../publication/open-publication.ts";
import type { OpenChanging } from "./changing.ts";
import { inMemory } from "./in-memory.ts";
import { loadWithRoom } from "./load-with-room.ts";

/** Opens index files. */
export const openIndex =
  (load: Load): OpenChanging<IndexSource> =>
  async (given, options, publication, wanted, least = 0) => {
    const loadIt: Load = (source, own) => load(source, own, publication);
    const { index, maxDelta, room } = await loadWithRoom(loadIt, given, options, { wanted, least });
    const opened = openedOf(index);
    const isRemoved = (id: number): boolean => opened.delta?.removedIds.has(id) ?? false;
    const sequence = index.info.compaction?.sequence ?? 0;
    return { index: Object.assign(index, { isRemoved }), ...inMemory(index, index), maxDelta, room, sequence };
  };
