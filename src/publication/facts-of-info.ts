import type { IndexInfo } from "../index/info.ts";
import type { PublishedFacts } from "./pointer.ts";

/** Returns the facts that a pointer states about an index. */
export const factsOfInfo = ({
  itemCount,
  dim,
  metric,
  hasLabels,
  features,
  memoryBytes,
  space,
}: IndexInfo): PublishedFacts => ({
  itemCount,
  dim,
  metric,
  hasLabels,
  ...(features && {
    features: {
      featureCount: features.featureCount,
      positionCount: features.positionCount,
      hasFeatureLabels: features.hasFeatureLabels,
    },
  }),
  memoryBytes,
  ...(space !== undefined && { space }),
});
