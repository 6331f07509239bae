import type { SharedEncoder } from "../../src/encoder/shared-encoder.ts";
import type { PartedOptions } from "../../src/parts/index.ts";
import type { Manifest } from "../../src/publication/manifest.ts";
import type { BuildStatistics, WorkingParts } from "../host/served-index.ts";
import type { GroupInfo } from "../parts/answering-part.ts";
import { largestOf, mergedInfo, type RouterInfo } from "./merged-info.ts";
import type { RoutedGroup } from "./routed-group.ts";
import { statisticsOfParts } from "./statistics-of-parts.ts";

/** Facts about all parts of a generation. */
export interface RouterFacts {
  readonly info: RouterInfo;
  readonly parts: WorkingParts;
  /** The measurements of merged answers from the build. */
  readonly measured: PartedOptions;
  /** The encoder that the parts share. Undefined if they have none or the router opens none. */
  readonly encoder: SharedEncoder | undefined;
  readonly statistics: BuildStatistics | undefined;
}

/** Parts elsewhere work at the same time, so the largest takes the longest. */
export const atOnce = (described: readonly GroupInfo[]): WorkingParts => {
  const largest = largestOf(described);
  return { turns: 1, work: (options, workOf) => workOf(largest, options) };
};

/** Puts together the facts that the manifest states and those that parts have reported, at least one of them. */
export function routerFactsOf(
  manifest: Manifest,
  groups: readonly RoutedGroup[],
  working: (described: readonly GroupInfo[]) => WorkingParts = atOnce,
): Omit<RouterFacts, "encoder"> {
  const described = groups.flatMap((group) => group.described ?? []);
  const { recallCurves, calibration } = manifest;
  const statistics = statisticsOfParts(manifest, groups);
  const measured = { recallCurves, calibration };
  return { info: mergedInfo(manifest, described), parts: working(described), measured, statistics };
}
