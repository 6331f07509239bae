import { LiveProblem } from "../../../worker/contract/live-problems.ts";
import { type OpenChanging, roomFor } from "../../../worker/live/changing.ts";
import { inMemory } from "../../../worker/live/in-memory.ts";
import { peeked } from "../../../worker/live/room-for-changes.ts";
import type { PublishedManifest } from "../../../worker/publication/manifest-at.ts";
import { routedEncoder } from "../../../worker/router/routed-encoder.ts";
import { encodeWith } from "../../../worker/sequences/encoders.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { checkChanges } from "../../changes/index.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import type { LoadOptions } from "../../memory/load-options.ts";
import { PartedIndex, partOf } from "../../parts/index.ts";
import { statisticsInMemory } from "../serving/statistics-in-memory.ts";
import { encoderOfParts } from "./encoder-of-parts.ts";
import { ServedParts } from "./served-parts.ts";

/**
 * Opens all parts of a manifest in this process, each with memory for changes of its own: a change goes to the part of its label,
 * so any of them may get all changes.
 */
export const openParts =
  (load: (source: IndexSource, options: LoadOptions) => Promise<MultiIndex>): OpenChanging<PublishedManifest> =>
  async ({ manifest, openPart }, options, _, wanted, least = 0) => {
    const indexes: MultiIndex[] = [];
    let maxDelta = wanted ?? Number.MAX_SAFE_INTEGER;
    try {
      for (const part of manifest.parts) {
        const { source, maxDelta: byDefault } = await peeked(await openPart(part));
        maxDelta = wanted ?? Math.min(maxDelta, byDefault);
        indexes.push(await load(source, { ...options, maxDelta: Math.max(roomFor(wanted ?? byDefault), least) }));
      }
      const { generation, recallCurves, calibration } = manifest;
      const parts = indexes.map((index, i) => partOf(index, { number: manifest.parts[i]?.number ?? i, generation }));
      const parted = new PartedIndex(parts, { recallCurves, calibration });
      requireChangeable(parted, manifest.version);
      const statistics = statisticsInMemory(manifest, indexes);
      const room = Math.max(roomFor(maxDelta), least);
      const index = new ServedParts({ manifest, indexes, parted, statistics, room });
      const encoder = await encoderOfParts(indexes);
      return {
        index,
        ...inMemory(index, parted),
        maxDelta,
        room,
        sequence: manifest.log?.sequence ?? 0,
        changesByPart: () => index.changesByPart(),
        inSteps: ({ isCurrent }, answer) =>
          index.inSteps(isCurrent, (own) => {
            if (encoder) encodeWith(own, routedEncoder(own, encoder));
            return answer(own);
          }),
      };
    } catch (error) {
      for (const index of indexes) index.dispose();
      throw error;
    }
  };

/** Parts that take no changes are refused before they answer. */
function requireChangeable(parted: PartedIndex, version: string): void {
  try {
    checkChanges(parted, {});
  } catch (error) {
    throw new LiveProblem("log_unfit", `version ${version} takes no changes: ${(error as Error).message}`);
  }
}
