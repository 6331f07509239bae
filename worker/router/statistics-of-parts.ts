import type { Manifest } from "../../src/publication/manifest.ts";
import { statisticsValues } from "../../src/publication/merged-statistics.ts";
import type { BuildStatistics } from "../host/served-index.ts";

/** Consecutive classes with their bands: of a part, or of several that are asked together. */
export interface BandedClasses {
  readonly classes: number;
  /** Returns the popularity band of a class, by its id within them. */
  readonly bandIn: (id: number) => number;
}

/** Returns a function that finds the band of a class, by its id among all of these. 0 for one that changes have added. */
export function bandAmong(banded: readonly BandedClasses[]): BuildStatistics["bandOf"] {
  const each = banded.map(({ classes, bandIn }) => ({ classes, bandIn })); // metrics keep them longer than the parts
  return (id) => {
    if (!(id >= 0)) return 0;
    for (const { classes, bandIn } of each) {
      if (id < classes) return bandIn(id);
      id -= classes;
    }
    return 0;
  };
}

/** Returns the statistics that a manifest has. The band of a class is that within its part. */
export function statisticsOfParts(
  { statistics }: Pick<Manifest, "statistics">,
  banded: readonly BandedClasses[],
): BuildStatistics | undefined {
  return statistics && { values: statisticsValues(statistics), bandOf: bandAmong(banded) };
}
