/** Options of every call. */
export interface CallOptions {
  /** Cancels the request: the call rejects with the signal's reason. Default none. */
  readonly signal?: AbortSignal;
}

/** Options of every call that answers for queries. */
export interface QueryOptions extends CallOptions {
  /**
   * The least mutation that the answer must reflect, for a service that accepts changes: `mutationId` of a write, or `mutation` of
   * an answer. Default none.
   */
  readonly minMutation?: string | number;
}
