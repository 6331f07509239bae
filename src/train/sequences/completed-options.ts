import type { EpochReport } from "../model/train-options.ts";
import type { SequenceOptions } from "./options.ts";
import type { Sequences } from "./sequences.ts";
import { type SequenceSettings, sequenceSettings } from "./settings.ts";
import { stepsOfEpoch } from "./windows.ts";
import { withPreset } from "./with-preset.ts";

/** A model of fewer steps has often hardly begun to learn, and with few sequences more epochs than these rarely help. */
const FEWEST_STEPS = 2000;
const MOST_EPOCHS = 30;

/**
 * Returns checked options, completed with those of their preset, and with the number of epochs if it is not given. `before` are
 * the reports of a training that is resumed.
 */
export function completedOptions(
  given: SequenceOptions,
  sequences: Sequences,
  before: readonly EpochReport[] | undefined,
): SequenceOptions {
  const options = withPreset(given, before);
  if (given.epochs !== undefined) return options;
  return { ...options, epochs: enoughEpochs(sequences, sequenceSettings(options)) };
}

/** Returns the usual number of epochs, or more for sequences that are so few that it would have too few steps. */
function enoughEpochs(sequences: Sequences, settings: SequenceSettings): number {
  const needed = Math.ceil(FEWEST_STEPS / stepsOfEpoch(sequences, settings));
  return Math.max(settings.epochs, Math.min(MOST_EPOCHS, needed));
}
