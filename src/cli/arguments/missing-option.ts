import type { Command } from "commander";

const MISSING = /^error: required option '(.+)' not specified/;

/** Has the message about a missing option say what the option is for, and the values that it takes. */
export function explainMissing(command: Command): void {
  const { outputError } = command.configureOutput();
  command.configureOutput({ outputError: (text, write) => outputError?.(withPurpose(command, text), write) });
}

function withPurpose(command: Command, message: string): string {
  const [, flags] = MISSING.exec(message) ?? [];
  const option = flags === undefined ? undefined : command.options.find((each) => each.flags === flags);
  if (!option) return message;
  const choices = option.argChoices ? ` (${option.argChoices.join(", ")})` : "";
  return `error: option '${flags}' is required: ${option.description}${choices}`;
}
