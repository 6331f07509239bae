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
  // Every task is a process, which need not all compile the same program.
  return { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled"), PATH: `${bin}:${process.env.PATH}` };
}

interface Planned {
  readonly words: string;
  readonly plan: string;
  /** Builds it in one process in another folder, and returns the hashes of its files. */
  expected(): Promise<Record<string, string>>;
}

/** Plans a build of four parts in a folder of this name. */
export async function planned(name = "words"): Promise<Planned> {
  const options = [rowsFile(), "--bits", "3", "--calibrate", "off", "--parts", "4"];
  const words = join(makeFolder(), name);
  const plan = join(words, "plan.json");
  await succeed("build-plan", ...options, "-o", plan);
  const expected = async () => {
    const one = join(makeFolder(), "one");
    await succeed("build", ...options, "-o", one);
    return built(one);
  };
  return { words, plan, expected };
}

/** The SHA-256 of every file that a build leaves, by name, without the plan. */
export function built(folder: string): Record<string, string> {
  const { "plan.json": _, ...files } = hashesOf(folder);
  return files;
}
