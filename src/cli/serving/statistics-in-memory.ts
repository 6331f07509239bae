import type { BuildStatistics } from "../../../worker/host/served-index.ts";
import { statisticsOfParts } from "../../../worker/router/statistics-of-parts.ts";
import { bandIn } from "../../format/statistics-values.ts";
import { packedBandsOf } from "../../index/build-statistics.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import type { Manifest } from "../../publication/manifest.ts";

/** Returns the statistics of a manifest whose parts are in this process, so that the bands of their classes are known. */
export function statisticsInMemory(manifest: Manifest, indexes: readonly MultiIndex[]): BuildStatistics | undefined {
  if (!manifest.statistics) return undefined;
  const banded = indexes.map((index, place) => {
    const packed = packedBandsOf(index);
    return { classes: manifest.parts[place]?.classes ?? 0, bandIn: (id: number) => bandIn(packed, id) };
  });
  return statisticsOfParts(manifest, banded);
}
