import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Io } from "../process/io.ts";
import { isSystemError } from "../process/system-error.ts";
import { sweepFolder } from "../process/temporary-files.ts";
import { STANDARD_INPUT } from "./standard-input.ts";

/** Files that a command reads and writes, by the names of its options. */
export type NamedPaths = Readonly<Record<string, string | undefined>>;

/**
 * Before the work, not after it: the folders take files, nothing that is read or written is written by another option too,
 * and what killed commands left in the folders is removed.
 */
export async function checkOutputs(inputs: NamedPaths, outputs: NamedPaths, io: Io): Promise<void> {
  const taken = new Map<string, string>();
  for (const [name, path] of given(inputs)) if (path !== STANDARD_INPUT) taken.set(resolve(path), name);
  for (const [name, path] of given(outputs)) {
    const other = taken.get(resolve(path));
    if (other !== undefined) throw new RangeError(`"${name}" expected a file of its own, ${path} is "${other}" itself`);
    taken.set(resolve(path), name);
    await checkOutput(name, path);
  }
  for (const folder of new Set(given(outputs).map(([, path]) => dirname(path)))) await sweepFolder(folder, io);
}

const given = (paths: NamedPaths): [name: string, path: string][] =>
  Object.entries(paths).flatMap(([name, path]) => (path === undefined ? [] : [[name, path]]));

async function checkOutput(name: string, path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") {
      throw new Error(`"${name}" expected a file in a folder that is there, ${folder} is not: create it first`);
    }
    throw error;
  }
  const existing = await stat(path).catch(() => undefined);
  if (existing && !existing.isFile())
    throw new RangeError(`"${name}" expected a file, ${path} is a folder or a device`);
}
