import type { Command } from "commander";

const SAMPLER_OPTIONS = ["negatives", "form", "refreshEvery"];

/**
 * Refuses options of `midx train` that would have no effect. With an explicit `--sampler full` the options of samplers are
 * accepted, so that runs with and without a sampler differ in one option only.
 */
export function refuseUnused(command: Command): void {
  const isSet = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  const unused = command.options.find(
    (option) => SAMPLER_OPTIONS.includes(option.attributeName()) && isSet(option.attributeName()),
  );
  if (unused && !isSet("sampler")) {
    command.error(`error: '${unused.long}' needs '--sampler': without a sampler every class is scored`);
  }
  if (isSet("patience") && !isSet("valid")) {
    command.error("error: '--patience' needs '--valid': it watches the loss of held-out data");
  }
}
