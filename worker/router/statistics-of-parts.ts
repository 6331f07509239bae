import type { Manifest } from "../../src/publication/manifest.ts";
import { statisticsValues } from "../../src/publication/merged-statistics.ts";
import type { BuildStatistics } from "../host/served-index.ts";

/** Returns the band of a class of a part, by the place of the part and the id of the class within it. */
export type BandInPart = (place: number, id: number) => number;

/** Returns the statistics that a manifest has. The band of a class is that within its part. */
export function statisticsOfParts(
  { statistics, parts, classes }: Pick<Manifest, "statistics" | "parts" | "classes">,
  bandIn: BandInPart,
): BuildStatistics | undefined {
  if (!statistics) return undefined;
  return {
    values: statisticsValues(statistics),
    bandOf(id) {
      if (!(id >= 0 && id < classes)) return 0; // changes have added it
      const place = parts.findLastIndex(({ idBase }) => idBase <= id);
      return bandIn(place, id - (parts[place]?.idBase ?? 0));
    },
  };
}
