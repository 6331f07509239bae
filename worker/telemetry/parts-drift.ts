import type { ServedIndex } from "../host/served-index.ts";
import { Drift } from "./drift.ts";
import { VersionDrift, type WatchedVersion } from "./version-drift.ts";

/** The drift of log Z of a version that may be in parts, whose manifest has the statistics. */
export class PartsDrift extends VersionDrift {
  constructor(served: WatchedVersion & { readonly index: Pick<ServedIndex, "statistics"> }) {
    super(served);
    const { statistics } = served.index;
    if (statistics) this.logPartition = new Drift(...statistics.values.subarray(0, 3));
  }
}
