import type { Command } from "commander";

/**
 * A name that begins a statement, that stands for an option which is missing or another that is in its place, or whose value a
 * remedy lowers or raises. The lists of `bias` are one option.
 */
const OPTION =
  /(?<=^|: )"(\w+)(?:\.(?:ids|values))?"(?=(?:\[\d+\])? (?:expected|is|was) )|(?<= expected )"(\w+)"(?=[^"]* beside it| in it,| as the first )|(?<= as the first \w+, got )"(\w+)"|(?<=(?: a|,) )"(\w+)"(?= (?:above|below) )/g;
/** Several names that begin a statement. */
const OPTIONS = /^(?:"\w+"(?:, | and ))+"\w+"(?= expected )/;
/** The steps of an order, which are options too, in the value that was given. */
const STEPS = /(?<= got \[)\w+(?:, \w+)*(?=\]$)/;

/** Options of the library that have another name on the command line. */
const RENAMED: Readonly<Record<string, string>> = { heldOut: "valid", positionCount: "history" };

/**
 * Spells the options of `command` in a message of the library as on the command line: "batchSize" becomes '--batch-size'. Only
 * names in statements such as `"k" expected 1..10`, `"exclude"[1] expected 0..99`, or `expected "k" beside it`, are replaced.
 */
export function withOptionNames(command: Command | undefined, message: string): string {
  const flagOf = (name: string): string | undefined => {
    const option = command?.options.find((each) => each.attributeName() === (RENAMED[name] ?? name));
    return option && (option.long ?? option.short);
  };
  const quoted = (text: string, name: string): string => {
    const flag = flagOf(name);
    return flag ? `'${flag}'` : text;
  };
  return message
    .replace(OPTION, (text, ...names) => quoted(text, names.find(Boolean)))
    .replace(OPTIONS, (list) => list.replace(/"(\w+)"/g, quoted))
    .replace(STEPS, (list) => list.replace(/\w+/g, (name) => flagOf(name)?.replace(/^-+/, "") ?? name));
}
