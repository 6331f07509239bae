import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One module that asconfig.json describes. asc itself passes over `entries` of a target, so its callers name them. */
export interface Target {
  readonly name: string;
  readonly entries: readonly string[];
  readonly outFile: string;
  /** Built with assertions, for tests alone. */
  readonly isDebug: boolean;
}

interface Config {
  readonly targets: Readonly<Record<string, { entries: string[]; outFile: string; debug?: boolean }>>;
}

/** The targets of asconfig.json that these names choose: "release", "debug" or the name of one. No name chooses all. */
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
    throw new Error(`There is no kernel target "${name}". asconfig.json has these: ${known}`);
  }
  return names.length === 0 ? targets : targets.filter((target) => names.some((name) => isMeant(name, target)));
}
