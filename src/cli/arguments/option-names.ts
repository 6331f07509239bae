import type { Command } from "commander";

/**
 * A name that begins a statement, that stands for an option which is missing, or whose value a remedy lowers. The lists of
 * `bias` are one option.
 */
const OPTION =
  /(?<=^|: )"(\w+)(?:\.(?:ids|values))?"(?=(?:\[\d+\])? (?:expected|is|was) )|(?<= expected )"(\w+)"(?=[^"]* beside it)|(?<= Try a )"(\w+)"(?= below )/g;

/**
 * Spells the options of `command` in a message of the library as on the command line: "batchSize" becomes '--batch-size'. Only
 * names in statements such as `"k" expected 1..10`, `"exclude"[1] expected 0..99`, or `expected "k" beside it`, are replaced.
 */
export const withOptionNames = (command: Command | undefined, message: string): string =>
  message.replace(OPTION, (quoted, first, missing, lowered) => {
    const name = first ?? missing ?? lowered;
    const option = command?.options.find((each) => each.attributeName() === name);
    return option ? `'${option.long ?? option.short}'` : quoted;
  });
