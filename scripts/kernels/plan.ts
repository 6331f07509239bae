import { readFileSync } from "node:fs";
import { VERSION } from "../../src/version.ts";
import { hashesOf, isCurrent, readStamp, type Stamp } from "./stamp.ts";
import { chosenTargets, type Target } from "./targets.ts";

export interface KernelPlan {
  /** Has to be compiled. */
  readonly outdated: readonly Target[];
  /** Stamps of the others. */
  readonly current: readonly Stamp[];
  readonly compiler: string;
}

/** Which of the chosen targets have files that are not what their sources give. */
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

/** The versions of the compiler and of the optimiser behind it, as installed, and our own, which modules carry. */
function compilerVersion(): string {
  const versionOf = (name: string): string =>
    JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
  return [...["assemblyscript", "binaryen"].map((name) => `${name} ${versionOf(name)}`), `midx ${VERSION}`].join(", ");
}
