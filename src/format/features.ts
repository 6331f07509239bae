import { MAX_ITEMS, MAX_LABEL_BYTES, MAX_POSITIONS } from "./limits.ts";
import { flag, integer, integerOf, oneOf } from "./metadata.ts";
import { type Section, section } from "./section.ts";
import { labelTensors, type NamedSpec, paddedCodeword } from "./tensor-spec.ts";

/** A query is Σ_k w_k P[k] ⊙ E[f_k] over the features f of a bag, without P where there are no positions. */
export interface FeatureFacts {
  /** Rows of E. */
  readonly featureCount: number;
  /** Rows of P; 0 without. */
  readonly positionCount: number;
  readonly pooling: Pooling;
  readonly hasFeatureLabels: boolean;
  /** Bytes of all their labels in UTF-8. */
  readonly featureLabelBytes: number;
}

/** What each of n features weighs where nothing is said: 1, 1/n or 1/√n. */
export type Pooling = (typeof POOLINGS)[number];
export const POOLINGS = ["sum", "mean", "sqrtn"] as const;

/** The table of features: tensors E, P and the labels of the features. */
export const FEATURES: Section<FeatureFacts> = section(
  {
    featureCount: integer(1, MAX_ITEMS),
    positionCount: integer(0, MAX_POSITIONS),
    pooling: oneOf(...POOLINGS),
    hasFeatureLabels: flag,
    featureLabelBytes: integerOf(({ hasFeatureLabels }) => [0, hasFeatureLabels ? MAX_LABEL_BYTES : 0]),
  },
  ({ featureCount, positionCount, hasFeatureLabels, featureLabelBytes }, dim): NamedSpec[] => {
    const width = paddedCodeword(dim);
    return [
      { name: "features", dtype: "F32", shape: [featureCount, width] },
      ...(positionCount > 0
        ? [{ name: "featurePositions", dtype: "F32", shape: [positionCount, width] } as const]
        : []),
      ...(hasFeatureLabels ? labelTensors("featureLabel", featureCount, featureLabelBytes) : []),
    ];
  },
);
