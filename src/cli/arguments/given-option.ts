import type { Command } from "commander";

/** Returns the first of these options that has a value, by its name such as "--json". */
export const givenOption = (command: Command, names: readonly (string | undefined)[]): string | undefined =>
  command.options.find(
    (option) => names.includes(option.long) && command.getOptionValue(option.attributeName()) !== undefined,
  )?.long;
