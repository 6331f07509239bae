import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A module of asconfig.json. asc ignores `entries` of a target, so its callers pass them. */
export interface Target {
  readonly name: string;
  readonly entries: readonly string[];
  readonly outFile: string;
  /** The module has assertions and is used only in tests. */
  readonly isDebug: boolean;
}

interface Config {
  readonly targets: Readonly<Record<string, { entries: string[]; outFile: string; debug?: boolean }>>;
}

/** Returns the targets of asconfig.json by name, or by "release" and "debug". No names choose all targets. */
export function chosenTargets(root: string, names: readonly string[]): Target[] {
  const config: Config = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
  const targets = Object.entries(config.targets).map(
    ([name, { entries, outFile, debug = false }]): Target => ({ name, entries, outFile, isDebug: debug }),
  );
  const isMeant = (name: string, target: Target): boolean =>
    name === target.name || name === (target.isDebug ? "debug" : "release");
  for (const name of names) {
    if (targets.some((target) => isMeant(name, target))) continue;
    const known = ["release", "debug", ...targets.map((target) => target.name)].join(", ");
    throw new Error(`There is no kernel target "${name}". asconfig.json has ${known}`);
  }
  return names.length === 0 ? targets : targets.filter((target) => names.some((name) => isMeant(name, target)));
}
