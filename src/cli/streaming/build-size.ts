import type { RowType } from "../../format/facts.ts";
import type { FeatureFacts } from "../../format/features.ts";
import type { QuantizerKind } from "../../train/kmeans/quantizer-options.ts";

/** The figures that decide how much memory a streaming build takes. */
export interface BuildSize {
  readonly itemCount: number;
  readonly dim: number;
  readonly bits: number;
  readonly quantizer: QuantizerKind;
  readonly rows: RowType;
  readonly hasBias: boolean;
  readonly hasFineCodes: boolean;
  readonly hasCounts: boolean;
  /** The bytes of all labels in UTF-8; undefined without labels. */
  readonly labelBytes: number | undefined;
  readonly features?: FeatureFacts;
  readonly threads: number;
  /** The memory that the input keeps: labels, flags of rows, what it decodes at a time. */
  readonly inputBytes: number;
}
