/** The error for changes that a router has no memory for, though its parts may. None of them was applied. */
export class RouterFullError extends RangeError {
  override readonly name = "RouterFullError";
  readonly code = "router_full";

  /** `bytes` is what changes would take, with these. */
  constructor(bytes: number, most: number) {
    super(`changes expected at most ${most} bytes of labels and states in the router, got ${bytes}`);
  }
}
