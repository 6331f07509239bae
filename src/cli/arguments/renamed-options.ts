import type { Command } from "commander";

const HEAD_BY_CODES = { "--rescore": "--proposal codes --scan" };

/** Former names of options and the names that replace them, by command. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  build: { "--rows": "--row-type" },
  train: { "--batch": "--batch-size", "--optimiser": "--optimizer", "--rate": "--learning-rate" },
  eval: HEAD_BY_CODES,
  predict: HEAD_BY_CODES,
  sample: HEAD_BY_CODES,
  publish: { "--to": "--folder" },
  rollback: { "--in": "--folder" },
};

/** Finds an option of a command line that has a new name. commander would only say that it is unknown. */
export function renamedOption(
  command: Command | undefined,
  argv: readonly string[],
): readonly [option: string, name: string] | undefined {
  const names = RENAMED[command?.name() ?? ""] ?? {};
  for (const word of argv) {
    if (word === "--") return undefined;
    const [option = ""] = word.split("=");
    const name = Object.hasOwn(names, option) ? names[option] : undefined;
    if (name !== undefined) return [option, name];
  }
  return undefined;
}
