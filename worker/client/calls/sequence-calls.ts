import type { EncodedSequence, SequenceQuery, SequenceState } from "../sequences.ts";
import type { QueryOptions } from "./call-options.ts";

/** The call that makes queries of sequences. */
export interface SequenceCalls {
  /**
   * Makes the query of a sequence, and the state after it, for a service whose index has an encoder (midx/sequences).
   *
   * @param sequence ids of classes or their labels, in the order in which they occurred, at least one
   * @param options the state after the items before these, the treatment of unknown items, `minMutation`, `signal`
   * @returns the query, which every method takes as a vector, and the state
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { vector, state } = await midx.encode([17, 4]);
   * const next = await midx.encode([9], { state });
   */
  encode(
    sequence: SequenceQuery["sequence"],
    options?: Pick<SequenceQuery, "unknownItems"> & {
      /** The state of an answer. Default: that before the first item. */
      readonly state?: SequenceState;
    } & QueryOptions,
  ): Promise<EncodedSequence>;
}
