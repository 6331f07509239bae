import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../cli/files.ts";
import { hashesOf, rowsFile, succeed } from "../cli/tasks/words.ts";

/** The environment of the scripts, with midx, the bundle `cli`, as npm installs it. */
export function environment(folder: string, cli: string): NodeJS.ProcessEnv {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "midx"), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(join(bin, "midx"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

/** Plans a build of four parts, and builds it in one process as well. Returns both folders. */
export async function planned(): Promise<{ words: string; plan: string; expected: Record<string, string> }> {
  const rows = rowsFile();
  const [one, words] = [join(makeFolder(), "one"), join(makeFolder(), "words")];
  const options = [rows, "--bits", "3", "--parts", "4"];
  await succeed("build", ...options, "-o", one);
  await succeed("build-plan", ...options, "-o", join(words, "plan.json"));
  return { words, plan: join(words, "plan.json"), expected: built(one) };
}

/** The SHA-256 of every file that a build leaves, by name, without the plan. */
export function built(folder: string): Record<string, string> {
  const { "plan.json": _, ...files } = hashesOf(folder);
  return files;
}
