// The packages of this folder. They are imported by a name in a variable, so that a checkout without them type-checks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const place = new URL("node_modules/", import.meta.url);

/** Returns the version of a package. Throws if it is not installed. */
export function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL(`${name}/package.json`, place), "utf8")) as { version: string };
  return version;
}

/** Returns the URL of a file in a package's folder, whatever the package exports. */
export const pathIn = (name: string, file: string): URL => new URL(`${name}/${file}`, place);

/** Loads a CommonJS package. */
export const requirePackage: (name: string) => unknown = createRequire(import.meta.url);
