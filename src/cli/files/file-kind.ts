import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";

/** RangeError where `path` is not a regular file. It is not opened: to open a pipe that nobody writes to takes for ever. */
export async function expectFile(path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isFile()) throw new RangeError(`expected a file, got ${kindOf(found)}`);
}

/** The same, but a pipe or a device will do, as it is read from front to back. */
export async function expectReadable(path: string): Promise<void> {
  const found = await stat(path);
  if (found.isDirectory() || found.isSocket()) throw new RangeError(`expected a file, got ${kindOf(found)}`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isSocket()) return "a socket";
  return found.isFIFO() ? "a pipe" : "a device";
}
