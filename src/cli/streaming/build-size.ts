import type { RowType } from "../../format/facts.ts";
import type { FeatureFacts } from "../../format/features.ts";
import type { CalibrationEffort } from "../../train/calibration/grid.ts";
import type { QuantizerKind } from "../../train/kmeans/quantizer-options.ts";

/** The sizes that determine how much memory a streaming build takes. */
export interface BuildSize {
  readonly itemCount: number;
  readonly dim: number;
  readonly bits: number;
  readonly quantizer: QuantizerKind;
  readonly rows: RowType;
  readonly hasBias: boolean;
  readonly hasFineCodes: boolean;
  readonly hasResiduals: boolean;
  readonly hasCounts: boolean;
  /** The bytes of all labels in UTF-8. Undefined without labels. */
  readonly labelBytes: number | undefined;
  readonly features?: FeatureFacts;
  /** The effort of calibrating the error bars. */
  readonly calibrate: CalibrationEffort;
  readonly threads: number;
  /** The memory of the input: its labels, the flags of its rows, and the values that it decodes at a time. */
  readonly inputBytes: number;
}
