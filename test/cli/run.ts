import { PassThrough } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { bytesOf, npyBytes, npyLiteral, writeInput } from "./files.ts";
import { noise } from "./noise.ts";

export { noise };

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** Called with all of stdout so far whenever it grows. */
  readonly onStdout?: (text: string) => void;
  /** The terminal of stderr. Without one, stderr is a pipe. */
  readonly terminal?: PassThrough & { isTTY: true };
}

/** Runs a command line in this process, with buffers for its output. */
export async function midx(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const { stdin = new PassThrough(), env = {}, signal = new AbortController().signal, onStdout } = setting;
  const stdout = collect(new PassThrough(), onStdout);
  const stderr = collect(setting.terminal ?? new PassThrough());
  const code = await run(argv, { stdin, stdout: stdout.stream, stderr: stderr.stream, env, signal });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(stream: PassThrough, onText?: (text: string) => void) {
  const parts: string[] = [];
  stream.on("data", (chunk: Buffer) => {
    parts.push(chunk.toString());
    onText?.(parts.join(""));
  });
  return { stream, text: () => parts.join("") + (stream.read()?.toString() ?? "") };
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** Writes an .npy file of `itemCount` × `dim` noise. */
export const writeTable = (itemCount: number, dim: number, start = 1): string =>
  writeInput(
    "table.npy",
    npyBytes(npyLiteral("<f4", `(${itemCount}, ${dim})`), bytesOf(noise(itemCount * dim, start))),
  );
