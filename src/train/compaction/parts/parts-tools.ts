import type { IndexInfo } from "../../../index/info.ts";
import type { Modules } from "../../../memory/kernels.ts";
import type { ManifestPart } from "../../../publication/manifest.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import type { Compaction, CompactOptions } from "../compact-options.ts";
import type { ChangesInOrder } from "../resolved-changes.ts";

/** The functions of a runtime that a compaction of parts works with. */
export interface PartsTools {
  readonly compact: (file: Uint8Array, changes: ChangesInOrder, options: CompactOptions) => Promise<Compaction>;
  readonly modules: () => Modules | Promise<Modules>;
  readonly kernels: () => TrainKernels | Promise<TrainKernels>;
  /** Checks an index file by loading it, and returns its facts as a Worker has them. */
  readonly describe: (file: Uint8Array<ArrayBuffer>) => Promise<IndexInfo>;
}

/** The files of the parts of a manifest, and those of the next one as they are made. */
export interface PartFiles {
  /** Reads the file of a part: of the published manifest, or of the next one. */
  read(part: ManifestPart): Promise<Uint8Array<ArrayBuffer>>;
  /** Keeps a compacted file until it is published. Returns the part as the next manifest names it. */
  keep(part: ManifestPart, file: Uint8Array<ArrayBuffer>, info: IndexInfo): Promise<ManifestPart>;
}

/** The measurements of a compaction of parts. */
export interface PartsOptions extends Pick<CompactOptions, "calibrate" | "queries" | "labels" | "signal"> {
  /** The most bytes that a part, its changes, its new file and the work on them may take. Default: no limit. */
  readonly maxBytes?: number;
}
