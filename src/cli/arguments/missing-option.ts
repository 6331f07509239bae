import type { Command } from "commander";

const MISSING = /^error: required option '(.+)' not specified/;

/** Adds to the message about a missing option what the option is for, and the values that it takes. */
export function withPurpose(command: Command | undefined, message: string): string {
  const [, flags] = MISSING.exec(message) ?? [];
  const option = flags === undefined ? undefined : command?.options.find((each) => each.flags === flags);
  if (!option) return message;
  const choices = option.argChoices ? ` (${option.argChoices.join(", ")})` : "";
  return `error: option '${flags}' is required: ${option.description}${choices}`;
}
