/**
 * The error for a file that is damaged, is not an index, or has a version that this library cannot read. Mistakes of
 * the caller are TypeErrors and RangeErrors.
 *
 * @example
 * try {
 *   await load(new Uint8Array(8));
 * } catch (error) {
 *   if (error instanceof FormatError) console.log(error.code, error.offset);
 * }
 */
export class FormatError extends Error {
  /** @internal Bundles shorten the names of classes, and runtimes print the name of an error's class. */
  static override readonly name = "FormatError";
  /** @internal Entries of the package are bundles with a copy of this class each, so an error is recognised by its name. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    return (error as Partial<FormatError> | undefined)?.name === FormatError.name;
  }

  /** "FormatError". */
  override readonly name = FormatError.name;
  /** The kind of fault, such as "tensor-checksum". Codes are stable, and FORMAT.md lists them. */
  readonly code: string;
  /** The byte of the file at which the fault was found. */
  readonly offset: number;

  /**
   * Only the library makes these errors.
   *
   * @param code the kind of fault
   * @param offset the byte of the file
   * @param message the fault in words
   */
  constructor(code: string, offset: number, message: string) {
    super(`${message} (${code} at byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
