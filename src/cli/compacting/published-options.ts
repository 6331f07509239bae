import type { Room } from "../../../worker/live/bytes-with-changes.ts";
import type { Overrides, Readers } from "../../publication/publishing/successor.ts";
import type { ProgressEvent } from "../output/progress.ts";
import type { MeasureOptions } from "./measure-options.ts";

/** Options of compacting a published version and publishing the next one. */
export interface CompactPublishedOptions extends Overrides, Pick<Readers, "isDeployed"> {
  readonly compact: MeasureOptions;
  /** The room for changes in Workers. Default: they accept none. */
  readonly room?: Room | undefined;
  /** The name of the new version. Default: from its content id. */
  readonly version?: string;
  readonly onStep: (step: ProgressEvent) => void;
}
