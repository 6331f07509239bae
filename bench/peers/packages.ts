// The packages of this folder. They are imported by a name in a variable: a bare checkout, without them, type-checks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const place = new URL("node_modules/", import.meta.url);

/** Throws where it isn't installed. */
export function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL(`${name}/package.json`, place), "utf8")) as { version: string };
  return version;
}

/** Of a file in a package's folder, whatever the package exports. */
export const pathIn = (name: string, file: string): URL => new URL(`${name}/${file}`, place);

/** For the CommonJS ones. */
export const requirePackage: (name: string) => unknown = createRequire(import.meta.url);
