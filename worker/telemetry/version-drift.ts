import { realStatistics } from "../../src/internal.ts";
import type { DriftWatch, ShownAnswer } from "../host/drift-watch.ts";
import type { Served } from "../host/host.ts";
import { Drift } from "./drift.ts";

/** A version whose answers are watched. */
export interface WatchedVersion extends Pick<Served, "version"> {
  readonly index: object;
}

/**
 * The drift of log Z of a version from the statistics of its build's real queries, if there are any, otherwise from its first
 * 1,000 answers. Stand-ins are no measure of queries: on published heads, their log Z varies five times as much.
 */
export class VersionDrift implements DriftWatch {
  readonly version: string;
  logPartition: Drift;

  constructor({ version, index }: WatchedVersion) {
    const values = realStatistics(index, "values");
    this.version = version;
    // The first row of the section begins with the number of queries, and mean and deviation of log Z.
    this.logPartition = new Drift(...(values ? new Float32Array(values, 0, 3) : []));
  }

  observe({ logPartition }: ShownAnswer, _options: object): void {
    if (logPartition !== undefined && Number.isFinite(logPartition)) this.logPartition.observe(logPartition);
  }
}
