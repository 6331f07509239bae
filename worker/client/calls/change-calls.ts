import type { Mutation, UpsertedClasses, WriteOptions } from "../writes.ts";

/** Calls that add, replace and remove classes. */
export interface ChangeCalls {
  /**
   * Adds classes, or gives them other rows, at a service that takes changes (midx/live): all of them, or none.
   *
   * @param classes at most 1,000 classes by label, with their rows
   * @param options a key that makes a repeated call the same one, `signal`
   * @returns the mutation, which is kept, for `minMutation` of later calls
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
   * @returns the mutation, which is kept, for `minMutation` of later calls
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await midx.delete(["sold out"]);
   */
  delete(labels: readonly string[], options?: WriteOptions): Promise<Mutation>;
}
