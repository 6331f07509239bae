import type { Overrides, Readers } from "../../publication/publishing/successor.ts";
import type { ProgressEvent } from "../output/progress.ts";
import type { MeasureOptions } from "./measure-options.ts";

/** Options of compacting a published version and publishing the next one. */
export interface CompactPublishedOptions extends Overrides, Readers {
  readonly compact: MeasureOptions;
  /** The name of the new version. Default: from its content id. */
  readonly version?: string;
  readonly onStep: (step: ProgressEvent) => void;
}
