import type { Command } from "commander";

/**
 * Finds an option that is followed by another option instead of its value, as in `--bias --labels words.txt`. commander would
 * take `--labels` for the value and then complain about something else.
 */
export function swallowedOption(
  command: Command | undefined,
  argv: readonly string[],
): readonly [option: string, value: string] | undefined {
  const optionOf = (word: string) => command?.options.find(({ short, long }) => word === short || word === long);
  for (const [i, word] of argv.entries()) {
    if (word === "--") return undefined;
    const next = argv[i + 1];
    const option = optionOf(word);
    if (option?.required && next !== undefined && optionOf(next)) return [option.flags, next];
  }
  return undefined;
}
