import type { Argument, Command, Option } from "commander";

const NAMES_A_FILE = /<(?:files?|folder|model|index)(?:\.{3})?>$/;
/** Options that name a tensor or a file. */
const NAME_A_TABLE = ["--bias", "--old-bias", "--counts", "--features", "--positions"];

const namesFile = ({ flags, long }: Option): boolean =>
  NAMES_A_FILE.test(flags) || (flags.endsWith("<name>") && NAME_A_TABLE.includes(long ?? ""));

/** Refuses an empty text where a file is named, as an empty variable of a shell is one. It would be read as the path "". */
export function refuseEmptyPaths(command: Command): void {
  const refuse = (kind: string, name: string): never =>
    command.error(`error: ${kind} '${name}' expected the name of a file, got an empty text`);
  for (const option of command.options.filter(namesFile)) {
    command.on(`option:${option.name()}`, (value: string) => {
      if (value === "") refuse("option", option.flags);
    });
  }
  command.hook("preAction", () => {
    const empty = command.registeredArguments.findIndex((_, i) => command.args[i] === "");
    if (empty >= 0) refuse("argument", usageOf(command.registeredArguments[empty] as Argument));
  });
}

const usageOf = (argument: Argument): string => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`);
