import { readFile } from "node:fs/promises";

/** The name of a class, by its id. */
export type NameOf = (id: number) => string;

/** Reads a name for each class from the lines of a file. RangeError if there are not exactly as many. */
export async function readLabels(path: string, itemCount: number): Promise<NameOf> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length !== itemCount) {
    throw new RangeError(`${path}: "labels" expected ${itemCount} lines, one for each class, got ${lines.length}`);
  }
  return (id) => lines[id] ?? "";
}
