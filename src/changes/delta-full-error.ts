/**
 * The error for changes that an index has no room for. None of them was applied. The message names the remedy: build a new
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
  /** The limit, an option of load, or of `checkChanges`. */
  readonly maxDelta: number;
  /** The place of the part in a PartedIndex that has no room. Undefined for one index. */
  readonly part: number | undefined;
  /** @internal The rows that the set itself has in that part. More than `maxDelta` never fit, not even after a compaction. */
  readonly upserted: number;

  /**
   * Only the library makes these errors.
   *
   * @param what "rows", or "new labels", those of removed classes included
   * @param count how many there would be
   * @param maxDelta the limit
   * @param part the place of the part
   * @param upserted how many rows the set itself has
   */
  constructor(
    what: "rows" | "new labels",
    count: number,
    maxDelta: number,
    part: number | undefined,
    upserted: number,
  ) {
    const where = part === undefined ? "" : ` in parts[${part}]`;
    const counted = what === "rows" ? "" : ", those of removed classes included";
    super(
      `changes expected at most ${maxDelta} ${what}${where}${counted} (maxDelta), got ${count}: build anew, or load(file, { maxDelta: ${count} })`,
    );
    this.count = count;
    this.maxDelta = maxDelta;
    this.upserted = upserted;
    this.part = part;
  }
}
