/** Classes to add, or to give other rows. */
export interface UpsertedClasses {
  /** The label of each class, 1 to 1,000. An index without labels takes ids, such as "17". */
  readonly labels: readonly string[];
  /** The row of each class, `dim` values. */
  readonly rows: readonly (Float32Array | readonly number[])[];
  /** The bias of each class, for an index with biases alone. */
  readonly biases?: readonly number[];
  /**
   * The metadata of each class, at most 10 KiB of JSON: the values of the columns of the index, and anything else. Default:
   * unchanged.
   */
  readonly metadata?: readonly (Readonly<Record<string, unknown>> | null)[];
  /** The namespace of each class. Default: unchanged. */
  readonly namespaces?: readonly (string | null)[];
  /** The name of the space that the rows are of. A name other than the index's is refused. */
  readonly space?: string;
}

/** Options of `upsert` and `delete`. */
export interface WriteOptions {
  /**
   * Makes a repeated call safe, for example after a call without an answer: within 24 hours, the changes of calls with the same
   * key are written once. A call with the same key and other changes is refused (422). Default none.
   */
  readonly idempotencyKey?: string;
  /** Cancels the request. The changes may be written nevertheless. Default none. */
  readonly signal?: AbortSignal;
}

/** Changes that are in the log. */
export interface Mutation {
  /** The id of the changes, for `minMutation` of calls that must see them. */
  readonly mutationId: string;
  /** Their place in the log, from 1. */
  readonly sequence: number;
}

/** Calls that add, replace and remove classes. */
export interface ChangeCalls {
  /**
   * Adds classes, or gives them other rows, at a service that takes changes (midx/live): all of them, or none.
   *
   * @param classes at most 1,000 classes by label, with their rows
   * @param options a key that makes a repeated call the same one, `signal`
   * @returns the mutation, which the service has stored: for `minMutation` of later calls
   * @throws TypeError for an option that is unknown or null
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await midx.upsert({ labels: ["new shoe"], rows: [query] }, { idempotencyKey: "import-7" });
   */
  upsert(classes: UpsertedClasses, options?: WriteOptions): Promise<Mutation>;
  /**
   * Removes classes at a service that takes changes (midx/live). A label that it does not have is no error.
   *
   * @param labels at most 1,000 labels
   * @param options a key that makes a repeated call the same one, `signal`
   * @returns the mutation, which the service has stored: for `minMutation` of later calls
   * @throws TypeError for an option that is unknown or null
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await midx.delete(["sold out"]);
   */
  delete(labels: readonly string[], options?: WriteOptions): Promise<Mutation>;
}
