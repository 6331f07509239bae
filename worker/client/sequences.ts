import type { ResponseMeta } from "../contract/wire.ts";

/** A query as the items that somebody chose or wrote, in their order, for a service whose index has an encoder. */
export interface SequenceQuery {
  /** Ids of classes or their labels, at least one. */
  readonly sequence: readonly (number | string)[];
  /**
   * The treatment of items that the index does not have; "skip" leaves them out. The same for a whole batch. Default "refuse".
   */
  readonly unknownItems?: "refuse" | "skip";
}

/** The state of an encoder after a sequence. It is yours to keep, and says nothing that the sequence does not say. */
export interface SequenceState {
  /** The content id of the index whose encoder made it. No other index takes it. */
  readonly contentId: string;
  /** Little-endian f32 in base64. */
  readonly values: string;
}

/** The query of a sequence. */
export interface EncodedSequence extends ResponseMeta {
  /** The query, `dim` values. */
  readonly vector: readonly number[];
  /** The state after the last item, from which the next call goes on. */
  readonly state: SequenceState;
}

/** Returns the body of a request of sequences. */
export function bodyOfSequences(queries: readonly SequenceQuery[], isBatch: boolean): object {
  const [{ sequence = [], unknownItems }] = queries as readonly [SequenceQuery];
  if (queries.some((query) => query.unknownItems !== unknownItems)) {
    throw new RangeError('"unknownItems" expected the same in all queries of a batch');
  }
  const items = isBatch ? { sequences: queries.map((query) => query.sequence) } : { sequence };
  return { ...items, unknownItems };
}
