import { FormatError } from "../../../src/bytes/format-error.ts";
import { type InputOptions, readAll } from "../../../src/cli/inputs/input.ts";
import { openInput } from "../../../src/cli/inputs/open.ts";

/** Reads all rows of a file. */
export async function read(path: string, options?: InputOptions) {
  const input = await openInput(path, options);
  try {
    const { data, shape } = await readAll(input);
    return { values: Array.from(data), shape };
  } finally {
    await input.close();
  }
}

export async function readLabelled(path: string, options?: InputOptions) {
  const input = await openInput(path, options);
  try {
    const { data } = await readAll(input);
    return { values: Array.from(data), labels: await input.labels() };
  } finally {
    await input.close();
  }
}

/** Reads the rows from `firstRow` on in chunks of `chunkRows`, each as an array. */
export async function readChunks(path: string, chunkRows: number, firstRow = 0, options?: InputOptions) {
  const input = await openInput(path, options);
  try {
    const chunks: number[][] = [];
    for await (const chunk of input.rows(chunkRows, firstRow)) chunks.push(Array.from(chunk));
    return chunks;
  } finally {
    await input.close();
  }
}

/** The error for a refused file or option. `code` is that of a FormatError, or the name of another error. */
export async function refusal(action: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await action;
  } catch (error) {
    if (error instanceof FormatError) return { code: error.code, message: error.message };
    if (error instanceof Error) return { code: error.name, message: error.message };
  }
  return { code: "none", message: "" };
}
