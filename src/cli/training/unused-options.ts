import type { Command, Option } from "commander";
import { ENCODERS } from "../../train/model/shape.ts";
import { BAG, type GivenArguments } from "./options.ts";
import { takesUnigramShare } from "./samplers.ts";

const SAMPLER_OPTIONS = ["negatives", "unigramShare", "form", "refreshEvery", "sharedBy", "proposals"];
/** Options of models of features only, and of encoders only. */
const FEATURE_OPTIONS = ["hidden", "history", "form", "featuresOut"];
const ENCODER_OPTIONS = [
  ...["units", "blocks", "heads", "tied", "dropout", "length", "clip", "sharedBy", "proposals", "betas", "warmup"],
  ...["schedule", "selectBy", "withoutSeen", "averaging"],
];

/**
 * Refuses options of `midx train` that would have no effect. With an explicit `--sampler full` the options of samplers are
 * accepted, so that runs with and without a sampler differ in one option only.
 */
export function refuseUnused(command: Command): void {
  const isSet = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  const givenOf = (names: readonly string[]): Option | undefined =>
    command.options.find((option) => names.includes(option.attributeName()) && isSet(option.attributeName()));
  const unused = givenOf(SAMPLER_OPTIONS);
  if (unused && !isSet("sampler") && !isSet("preset")) {
    command.error(`error: '${unused.long}' needs '--sampler': without a sampler every class is scored`);
  }
  const { sampler = "midx", preset, encoder, task } = command.opts<GivenArguments>();
  if (isSet("unigramShare") && sampler !== "full" && !takesUnigramShare(sampler)) {
    command.error(`error: '--unigram-share' expected a '--sampler' of MIDX, got ${sampler}`);
  }
  if (preset !== undefined && encoder === BAG) {
    command.error(`error: '--preset' has no meaning beside '--encoder bag': presets are for encoders of sequences`);
  }
  const isEncoder = preset !== undefined || (encoder !== undefined && encoder !== BAG);
  const foreign = givenOf(isEncoder ? FEATURE_OPTIONS : ENCODER_OPTIONS);
  if (foreign) {
    const reason = isEncoder
      ? "has no meaning beside an encoder of sequences"
      : `needs an encoder of sequences: '--encoder ${ENCODERS.join("' or '--encoder ")}'`;
    command.error(`error: '${foreign.long}' ${reason}`);
  }
  if (isSet("history") && task === "labels") {
    command.error("error: '--history' has no meaning with '--task labels', whose rows have no history");
  }
  const selecting = givenOf(["patience", "selectBy", "withoutSeen"]);
  if (selecting && !isSet("valid")) {
    command.error(`error: '${selecting.long}' needs '--valid': it watches held-out data`);
  }
}
