import type { Command } from "commander";

const OF_SAMPLERS = ["negatives", "form", "refreshEvery"];

/**
 * Ends the command where an option of `midx train` would change nothing. With `--sampler full` those of samplers are taken,
 * so that runs with a sampler and without one differ in one option.
 */
export function refuseUnused(command: Command): void {
  const given = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  const unused = command.options.find(
    (option) => OF_SAMPLERS.includes(option.attributeName()) && given(option.attributeName()),
  );
  if (unused && !given("sampler")) {
    command.error(`error: '${unused.long}' needs '--sampler': without one every class is scored`);
  }
  if (given("patience") && !given("valid")) {
    command.error("error: '--patience' needs '--valid': it is about the loss of held-out data");
  }
}
