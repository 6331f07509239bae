import { printable, printableJson } from "./printable.ts";

/** The world that a command sees besides files: main.ts gives it the process, tests give it buffers. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Answers: text, or with --json one JSON value a line. */
  readonly stdout: Output;
  /** The progress bar, and what went wrong. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user wants the command to end. */
  readonly signal: AbortSignal;
}

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** The one way out for text: what a terminal would obey, it shows as an escape. */
export function printLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** One value a line: typed arrays as arrays, bigints (seeds, which JSON numbers can't hold) as strings. */
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
