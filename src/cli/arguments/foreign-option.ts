import type { Command } from "commander";
import { foreignRemedy } from "../../decode/refused-options.ts";

/** Finds an option of other decoders among the arguments of `midx decode`, and says what to use in its place. */
export function foreignOption(
  command: Command | undefined,
  argv: readonly string[],
): readonly [flag: string, remedy: string] | undefined {
  if (command?.name() !== "decode") return undefined;
  for (const word of argv) {
    if (word === "--") return undefined;
    const [flag = ""] = word.split("=");
    const isKnown = command.options.some(({ long }) => long === flag);
    const remedy = flag.startsWith("--") && !isKnown ? foreignRemedy(flag.replaceAll("-", "_")) : undefined;
    if (remedy !== undefined) return [flag, withFlags(command, remedy)];
  }
  return undefined;
}

/** Spells the options that a remedy names as on the command line. */
const withFlags = ({ options }: Command, remedy: string): string =>
  remedy.replace(/"(\w+)"/g, (quoted, name) => {
    const option = options.find((each) => each.attributeName() === name);
    return option ? `'${option.long}'` : quoted;
  });
