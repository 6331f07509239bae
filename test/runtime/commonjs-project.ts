import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The options of a compiler that finds the types of a project. */
export const STRICT = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2023", "--types", "node"];

/** Makes a CommonJS project in a folder of the installed package, and returns its path. */
export function commonjsProject(installed: string, name: string): string {
  const project = join(installed, name);
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  for (const file of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", file), join(project, "node_modules", file));
  }
  symlinkSync(join(installed, "node_modules/midx"), join(project, "node_modules/midx"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "commonjs", private: true }));
  for (const file of ["consumer.cts", "consumer.ts"]) {
    cpSync(join(root, "test/runtime/consumer.cts"), join(project, file));
  }
  return project;
}
