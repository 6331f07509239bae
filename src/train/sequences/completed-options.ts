import type { EpochReport } from "../model/train-options.ts";
import type { SequenceOptions } from "./options.ts";
import type { Sequences } from "./sequences.ts";
import { sequenceSettings } from "./settings.ts";
import { stepsOfEpoch } from "./windows.ts";
import { withPreset } from "./with-preset.ts";

/** A model of fewer steps has often hardly begun to learn, and with few sequences more epochs than these rarely help. */
const FEWEST_STEPS = 2000;
const MOST_EPOCHS = 30;

/**
 * The patience of presets was measured where it lasts 1,800 steps. With few sequences ten epochs can end a training that has
 * hardly begun: with 9 steps an epoch (LastFM, 1,090 users, `short-clicks-attention`) recall@10 of held-out data was .044 after
 * epoch 5, no better in the ten epochs behind it, and .085 after epoch 72.
 */
const FEWEST_PATIENT_STEPS = 1000;
const MOST_PATIENT_EPOCHS = 30;

/**
 * Returns checked options, completed with those of their preset, and with the number of epochs if it is not given. Where an
 * epoch has few steps, the epochs and the patience of a preset are more than usual. `before` are the reports of a training that
 * is resumed.
 */
export function completedOptions(
  given: SequenceOptions,
  sequences: Sequences,
  before: readonly EpochReport[] | undefined,
): SequenceOptions {
  const options = withPreset(given, before);
  const settings = sequenceSettings(options);
  const steps = stepsOfEpoch(sequences, settings);
  const { epochs = enough(settings.epochs, FEWEST_STEPS / steps, MOST_EPOCHS) } = given;
  const { patience: usual } = options;
  if (usual === undefined) return { ...options, epochs };
  const { patience = enough(usual, FEWEST_PATIENT_STEPS / steps, MOST_PATIENT_EPOCHS) } = given;
  return { ...options, epochs, patience };
}

/** Returns the usual number of epochs, or as many as are needed, up to `most`. */
const enough = (usual: number, needed: number, most: number): number =>
  Math.max(usual, Math.min(most, Math.ceil(needed)));
