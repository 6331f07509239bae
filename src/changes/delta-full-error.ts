/**
 * The error for changes that an index has no room for. It has applied none of them. Its message says what to do: build a new
 * index of the changed classes, or load this one with a larger `maxDelta`.
 *
 * @example
 * try {
 *   applyChanges(index, { upserts: { labels, rows, biases } });
 * } catch (error) {
 *   if (error instanceof DeltaFullError) console.log(error.count, error.maxDelta);
 * }
 */
export class DeltaFullError extends RangeError {
  /** @internal Bundles shorten the names of classes, and runtimes print the name of an error's class. */
  static override readonly name = "DeltaFullError";
  /** "DeltaFullError". */
  override readonly name = DeltaFullError.name;
  /** "delta_full". */
  readonly code = "delta_full";
  /** The number of rows, or of new labels, that there would be. */
  readonly count: number;
  /** The limit, an option of load. */
  readonly maxDelta: number;

  /**
   * Only the library makes these errors.
   *
   * @param what "rows", or "new labels"
   * @param count how many there would be
   * @param maxDelta the limit
   */
  constructor(what: string, count: number, maxDelta: number) {
    super(
      `changes expected at most ${maxDelta} ${what} (maxDelta), got ${count}; build a new index of the changed classes, ` +
        `or load(file, { maxDelta: ${count} }) allows it`,
    );
    this.count = count;
    this.maxDelta = maxDelta;
  }
}
