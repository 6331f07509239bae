/**
 * A file that is damaged, foreign or of a version this library cannot read.
 *
 * `code` is stable (FORMAT.md lists the codes); `offset` is the byte of the file the fault was found at.
 * Mistakes of the caller are TypeError and RangeError instead.
 */
export class FormatError extends Error {
  /** Bundles shorten the names of classes, and runtimes print that of an error's class. */
  static override readonly name = "FormatError";
  override readonly name = FormatError.name;
  readonly code: string;
  readonly offset: number;

  constructor(code: string, offset: number, message: string) {
    super(`${message} (${code} at byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
