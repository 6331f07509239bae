import type { Command } from "commander";

/**
 * The option of a command line that was given another option in place of its value, as in `--bias --labels words.txt`:
 * commander takes the second one for the value, and then misses what it stood for.
 */
export function swallowedOption(
  program: Command,
  argv: readonly string[],
): readonly [option: string, value: string] | undefined {
  const command = program.commands.find((candidate) => candidate.name() === argv[0]);
  const optionOf = (word: string) => command?.options.find(({ short, long }) => word === short || word === long);
  for (const [i, word] of argv.entries()) {
    if (word === "--") return undefined;
    const next = argv[i + 1];
    const option = optionOf(word);
    if (option?.required && next !== undefined && optionOf(next)) return [option.flags, next];
  }
  return undefined;
}
