import type { BuildStatistics } from "../../../worker/host/served-index.ts";
import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import type { ChangesInfo, Decoded, DecodeOptions, DistinctDraws, IndexInfo, SampleTopKOptions } from "../../index.ts";
import type { QueriedIndex } from "../arguments/query-options.ts";
import type { EvaluatedFacts } from "../evaluating/measured-index.ts";
import type { TimedIndex } from "../evaluating/times.ts";
import type { CandidateIndex } from "../policy/candidate.ts";

/** The index that a command asks, or the parts of a manifest, which answer with promises. */
export interface AskedIndex extends QueriedIndex, TimedIndex, Pick<CandidateIndex, "logProbability"> {
  readonly info: EvaluatedFacts &
    Pick<IndexInfo, "hasLabels" | "hasFineCodes" | "hasResiduals"> & {
      readonly changes?: Pick<ChangesInfo, "classCount">;
    };
  /** The statistics of merged answers. Undefined without any, and for an index, whose file may have them. */
  readonly statistics?: BuildStatistics | undefined;
  /** Opens the encoder that parts share. Undefined for an index: openItemEncoder opens its own. */
  readonly openEncoder?: () => Promise<ItemEncoder | undefined>;
  decode(query: Float32Array, options: DecodeOptions): Decoded | Promise<Decoded>;
  sampleTopK(query: Float32Array, k: number, options: SampleTopKOptions): DistinctDraws | Promise<DistinctDraws>;
}
