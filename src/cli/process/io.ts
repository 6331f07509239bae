import { printable, printableJson } from "./printable.ts";

/** The environment of a command, apart from files. main.ts passes the process, and tests pass buffers. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Receives the answers: text or, with --json, one JSON value per line. */
  readonly stdout: Output;
  /** Receives the progress bar, warnings and errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user interrupts the command. */
  readonly signal: AbortSignal;
}

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Prints lines. All text goes through here, so that control characters are shown as escapes. */
export function printLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** Returns a function that prints notes, which are no errors. */
export const notesOn =
  ({ stderr }: Pick<Io, "stderr">) =>
  (note: string): void =>
    printLines(stderr, [`note: ${note}`]);

/** Prints a value on one line: typed arrays as arrays, and bigints as strings, because JSON numbers can't hold seeds. */
export function printJson(output: Output, value: object): void {
  output.write(`${printableJson(JSON.stringify(value, toJson))}\n`);
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Int32Array || value instanceof Float32Array || value instanceof Float64Array) {
    return Array.from(value);
  }
  return value;
}
