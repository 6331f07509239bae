import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Io } from "../process/io.ts";
import { isSystemError } from "../process/system-error.ts";
import { sweepFolder } from "../process/temporary-files.ts";
import { realPathOf } from "./real-path.ts";
import { STANDARD_INPUT } from "./standard-input.ts";

/** Paths that a command reads or writes, by the options and arguments that name them, such as "--labels" or "<file>". */
export type NamedPaths = Readonly<Record<string, string | undefined>>;

/**
 * Checks the outputs before the work begins: they are files in folders that are writable, and none is also an input or another
 * output.
 * Removes the temporary files that killed commands left in these folders.
 */
export async function checkOutputs(inputs: NamedPaths, outputs: NamedPaths, io: Io): Promise<void> {
  const taken = new Map<string, string>();
  for (const [name, path] of present(inputs)) if (path !== STANDARD_INPUT) taken.set(await namedFile(path), name);
  for (const [name, path] of present(outputs)) {
    const file = await namedFile(path);
    const other = taken.get(file);
    if (other !== undefined) throw new RangeError(`'${name}' and '${other}' are the same file: ${path}`);
    taken.set(file, name);
    await checkOutput(name, path);
  }
  for (const folder of new Set(present(outputs).map(([, path]) => dirname(path)))) await sweepFolder(folder, io);
}

const present = (paths: NamedPaths): [name: string, path: string][] =>
  Object.entries(paths).flatMap(([name, path]) => (path === undefined ? [] : [[name, path]]));

/** The file behind symbolic links. An input may also be an address or a tensor, or a path that its reader refuses. */
const namedFile = (path: string): Promise<string> => realPathOf(path).catch(() => resolve(path));

async function checkOutput(name: string, path: string): Promise<void> {
  if (path === STANDARD_INPUT) throw new RangeError(`'${name}' expected a file, got "-": give it a name`);
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") {
      throw new Error(`'${name}' expected a file in an existing folder: create ${folder} first`);
    }
    throw error;
  }
  const existing = await stat(path).catch(() => undefined);
  if (existing && !existing.isFile())
    throw new RangeError(`'${name}' expected a file, but ${path} is a folder or a device`);
}
