import type { IndexInfo } from "../../src/public.ts";
import type { Manifest, ManifestPart } from "../../src/publication/manifest.ts";
import { Problem } from "../contract/problem.ts";
import type { WorkingParts } from "../host/served-index.ts";
import { NoHost, PartFailure } from "../parts/part-failure.ts";
import { PartProblem } from "../parts/part-problem.ts";
import type { PublishedManifest } from "../publication/manifest-at.ts";
import { Gate } from "./gate.ts";
import { type GroupSource, RoutedGroup } from "./routed-group.ts";
import { routerFactsOf } from "./router-facts.ts";
import { RouterIndex } from "./router-index.ts";
import type { RouterSettings } from "./router-settings.ts";
import { encoderOfParts, type OpenSharedEncoder } from "./shared-encoder.ts";

/** Returns the sources of the parts of a manifest, one for each group of them in their order. */
export type SourcesOf = (published: PublishedManifest, groups: readonly (readonly ManifestPart[])[]) => GroupSource[];

/** Options of opening a manifest. */
export interface OpenRouterOptions {
  /** Opens the encoder of the parts. Default: none is opened. */
  readonly openEncoder?: OpenSharedEncoder | undefined;
  /** Tells how the parts work. Default: at the same time, since they are elsewhere. */
  readonly partsInTurn?: ((infos: readonly IndexInfo[]) => WorkingParts) | undefined;
}

/**
 * Opens a manifest: asks all parts for their facts, so that each of them is ready when the generation is served. If a
 * generation is served already (`isFirst` is false), every part that has hosts here must answer; the first generation may begin
 * with some parts.
 */
export async function openRouter(
  published: PublishedManifest,
  sourcesOf: SourcesOf,
  settings: RouterSettings,
  isFirst: boolean,
  { openEncoder, partsInTurn }: OpenRouterOptions = {},
): Promise<RouterIndex> {
  const { manifest } = published;
  const { groupSizes, fanOut, deadlineMs, hedgeMs, prepareMs } = settings;
  const groups = routedGroups(published, sourcesOf, groupSizes);
  // A replica that loads its part is slow, while one that is silent must leave time for the next.
  const preparing = { deadlineMs: prepareMs, hedgeMs: prepareMs, gate: new Gate(fanOut, groups.length) };
  const outcomes = await Promise.allSettled(groups.map((group) => group.learn(preparing)));
  const reasons = outcomes.flatMap((outcome, i) =>
    outcome.status === "rejected" ? [{ numbers: groups[i]?.numbers ?? [], reason: outcome.reason as Error }] : [],
  );
  const failures = reasons.filter(({ reason }) => !(reason instanceof NoHost));
  if (reasons.length === groups.length || (failures.length > 0 && !isFirst)) {
    const [{ numbers, reason }] = [...failures, ...reasons] as [(typeof reasons)[number]];
    if (!(reason instanceof PartFailure)) throw reason;
    throw new PartProblem("part_missing", `part ${numbers.join()} of version ${manifest.version}: ${reason.message}`);
  }
  const how = () => ({ deadlineMs, hedgeMs, gate: new Gate(fanOut, groups.length) });
  const encoder =
    openEncoder &&
    (await encoderOfParts(groups, preparing, openEncoder).catch(({ message }: Error) => {
      throw new PartProblem("part_missing", `the encoder of version ${manifest.version}: ${message}`);
    }));
  return new RouterIndex({ ...routerFactsOf(manifest, groups, partsInTurn), encoder }, groups, how);
}

/** Returns the groups of a manifest, which ask their sources. */
export function routedGroups(
  published: PublishedManifest,
  sourcesOf: SourcesOf,
  sizes: readonly number[] | undefined,
): RoutedGroup[] {
  const { manifest } = published;
  const grouped = groupsOf(manifest, sizes);
  return sourcesOf(published, grouped).map(
    (source, i) => new RoutedGroup(source, grouped[i] as readonly ManifestPart[], manifest),
  );
}

/** Divides parts into groups of these sizes; without sizes, each part is a group. */
function groupsOf({ parts }: Manifest, sizes: readonly number[] | undefined): ManifestPart[][] {
  if (sizes === undefined) return parts.map((part) => [part]);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== parts.length) {
    throw new Problem("misconfigured", `"groups" expected sizes that add up to ${parts.length} parts, got ${total}`);
  }
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return parts.slice(end - size, end);
  });
}
