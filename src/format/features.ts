import { MAX_ITEMS, MAX_LABEL_BYTES, MAX_POSITIONS } from "./limits.ts";
import { flag, integer, integerOf, oneOf } from "./metadata.ts";
import { type Section, section } from "./section.ts";
import { labelTensors, type NamedSpec, paddedCodeword } from "./tensor-spec.ts";

/**
 * Facts about the table of features. A query is Σ_k w_k P[k] ⊙ E[f_k] over the features f of a bag; P is left out where
 * there are no positions.
 */
export interface FeatureFacts {
  /** The number of rows of E. */
  readonly featureCount: number;
  /** The number of rows of P, and the most features of a query; 0 without positions. */
  readonly positionCount: number;
  /** The weight of each of n features of a query without `weights`: "sum" 1, "mean" 1/n, "sqrtn" 1/√n. */
  readonly pooling: Pooling;
  /** The features have names, which `encode` takes. */
  readonly hasFeatureLabels: boolean;
  /** The size of all names of features in UTF-8, in bytes. */
  readonly featureLabelBytes: number;
}

/** The weight of each of n features of a query without `weights`: `"sum"` 1, `"mean"` 1/n, `"sqrtn"` 1/√n. */
export type Pooling = "sum" | "mean" | "sqrtn";
export const POOLINGS = ["sum", "mean", "sqrtn"] as const satisfies readonly Pooling[];

/** The section of the file with the table of features: tensors E and P, and the names of the features. */
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
