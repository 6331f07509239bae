import type { FeatureFacts } from "../format/features.ts";
import type { FileInfo } from "../index/info.ts";

/** The facts about an index on which its clients depend. With other facts, requests that were right become wrong. */
export interface ClientFacts extends Pick<FileInfo, "itemCount" | "dim" | "metric" | "hasLabels"> {
  /** Facts about the table of features, if the index has one. */
  readonly features?: ClientFeatures;
  /** The name of the space that rows and queries are in, if the file states it. */
  readonly space?: string | undefined;
}

type ClientFeatures = Pick<FeatureFacts, "featureCount" | "positionCount" | "hasFeatureLabels">;

/**
 * Describes the differences that would break the clients of an index with the facts `before` if one with the facts `after`
 * replaced it, for a message. Undefined if nothing would. Labels may be added, removed and changed, because a client that sends
 * a label which is gone learns this from the answer. Without labels clients only have ids, so the number of classes must not
 * fall.
 */
export function breakingChange(before: ClientFacts, after: ClientFacts): string | undefined {
  const changes: string[] = [];
  const note = (isBroken: boolean, change: string): unknown => isBroken && changes.push(change);
  note(after.dim !== before.dim, `${after.dim} dimensions instead of ${before.dim}`);
  note(after.metric !== before.metric, `metric ${after.metric} instead of ${before.metric}`);
  note(after.hasLabels !== before.hasLabels, after.hasLabels ? "labels instead of ids" : "ids instead of labels");
  note(
    !before.hasLabels && after.itemCount < before.itemCount,
    `${after.itemCount} classes without labels instead of ${before.itemCount}`,
  );
  note(
    before.space !== undefined && after.space !== undefined && after.space !== before.space,
    `rows of space ${after.space} instead of ${before.space}`,
  );
  if (before.features) noteFeatures(before.features, after.features, note);
  return changes.length > 0 ? changes.join(", ") : undefined;
}

function noteFeatures(
  before: ClientFeatures,
  after: ClientFeatures | undefined,
  note: (isBroken: boolean, change: string) => unknown,
): void {
  if (!after) {
    note(true, "no table of features");
    return;
  }
  const { featureCount, positionCount, hasFeatureLabels } = after;
  note(before.hasFeatureLabels && !hasFeatureLabels, "features without names");
  note(
    !before.hasFeatureLabels && featureCount < before.featureCount,
    `${featureCount} features without names instead of ${before.featureCount}`,
  );
  note(
    positionCount > 0 && (before.positionCount === 0 || positionCount < before.positionCount),
    `bags of at most ${positionCount} features instead of ${before.positionCount || "any number"}`,
  );
}
