import { accessSync, constants } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const TOOLS = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));

/** The path of a command that a devDependency brings. */
export const tool = (name: string): string => join(TOOLS, name);

/** The path of a command of the machine, not of a package; undefined if there is none. */
export function onMachine(name: string): string | undefined {
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes(`${sep}node_modules${sep}`));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
