import { readFileSync } from "node:fs";
import { VERSION } from "../../src/version.ts";
import { hashesOf, isCurrent, readStamp, type Stamp } from "./stamp.ts";
import { chosenTargets, type Target } from "./targets.ts";

export interface KernelPlan {
  /** The targets that have to be compiled. */
  readonly outdated: readonly Target[];
  /** The stamps of the other targets. */
  readonly current: readonly Stamp[];
  readonly compiler: string;
}

/** Finds the chosen targets whose files do not match their sources. */
export function planKernels(root: string, names: readonly string[] = []): KernelPlan {
  const compiler = compilerVersion();
  const hashOf = hashesOf(root);
  const current: Stamp[] = [];
  const outdated: Target[] = [];
  for (const target of chosenTargets(root, names)) {
    const stamp = readStamp(root, target.outFile);
    if (isCurrent(stamp, compiler, hashOf)) current.push(stamp);
    else outdated.push(target);
  }
  return { outdated, current, compiler };
}

/**
 * Returns the installed versions of the compiler and its optimiser, and the version of midx, which is written into modules.
 */
function compilerVersion(): string {
  const versionOf = (name: string): string =>
    JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
  return [...["assemblyscript", "binaryen"].map((name) => `${name} ${versionOf(name)}`), `midx ${VERSION}`].join(", ");
}
