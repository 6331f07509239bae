import type { Command } from "commander";

/**
 * Spells the options of `command` in a message of the library as on the command line: "batchSize" becomes '--batch-size'. Only
 * names that begin a statement, such as `"k" expected 1..10`, are replaced.
 */
export const withOptionNames = (command: Command | undefined, message: string): string =>
  message.replace(/(?<=^|: )"(\w+)"(?= (?:expected|is|was) )/g, (quoted, name) => {
    const option = command?.options.find((each) => each.attributeName() === name);
    return option ? `'${option.long ?? option.short}'` : quoted;
  });
