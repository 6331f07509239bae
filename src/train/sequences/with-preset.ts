import { checkOneOf } from "../../checks/check.ts";
import type { EpochReport } from "../model/train-options.ts";
import type { SequenceOptions } from "./options.ts";
import { PRESET_NAMES, PRESETS, type Preset } from "./presets.ts";

/** Settings that make no sense with another optimizer than adam: the rate, which is also a factor of the decay, and betas. */
const OF_ADAM: readonly (keyof SequenceOptions)[] = ["learningRate", "betas", "weightDecay"];

/**
 * Returns the options, completed with those of their preset. `before` are the reports of a training that is resumed: if it began
 * without held-out sequences, its epochs stay those of the preset without them, and sequences that come later choose none.
 */
export function withPreset(
  { preset, ...options }: SequenceOptions,
  before: readonly EpochReport[] | undefined,
): SequenceOptions {
  if (preset === undefined) return options;
  checkOneOf("preset", preset, PRESET_NAMES);
  const { sampled, selected, unigramShare: _, ...settings }: Preset = PRESETS[preset];
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as SequenceOptions;
  const { encoder = settings.encoder, optimizer = "adam", sampler, heldOut } = given;
  if (encoder !== settings.encoder) {
    throw new RangeError(`"encoder" expected ${settings.encoder}, as preset ${preset} has, got ${encoder}`);
  }
  const isSelected = heldOut && (before === undefined || before[0]?.heldOutLoss !== undefined);
  const own = Object.entries({ ...settings, ...(sampler && sampled), ...(isSelected && selected) });
  const kept = own.filter(([name]) => optimizer === "adam" || !OF_ADAM.includes(name as keyof SequenceOptions));
  return { ...Object.fromEntries(kept), ...given };
}
