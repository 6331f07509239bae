import { checkOneOf } from "../../checks/check.ts";
import type { SequenceOptions } from "./options.ts";

/** Settings that were measured together. */
interface Preset extends Omit<SequenceOptions, "preset"> {
  /** Those of a training with a sampler. */
  readonly sampled: Pick<SequenceOptions, "negatives" | "proposals">;
  /** Those of a training with held-out sequences. */
  readonly selected: Pick<SequenceOptions, "epochs" | "patience" | "selectBy">;
}

const CLICKS = {
  ...{ dim: 64, dropout: 0.2, epochs: 25 },
  sampled: { negatives: 256, proposals: 8 },
  selected: { epochs: 100, patience: 10, selectBy: "recall" },
} as const;
const ATTENTION = { ...CLICKS, encoder: "attention", heads: 1, betas: [0.9, 0.98] } as const;

/** The named settings. docs/sequences.md says what was measured with them. */
const PRESETS = {
  "clicks-gru": { ...CLICKS, encoder: "gru", length: 200, batchSize: 32, learningRate: 0.002 },
  "clicks-attention": { ...ATTENTION, blocks: 2, length: 200, batchSize: 32, learningRate: 0.002 },
  "short-clicks-attention": { ...ATTENTION, blocks: 1, length: 50, batchSize: 128, learningRate: 0.001 },
  "text-gru": {
    ...{ encoder: "gru", carry: true, dim: 200, length: 35, batchSize: 20, dropout: 0.3, learningRate: 0.002 },
    epochs: 5,
    sampled: { negatives: 500, proposals: 8 },
    selected: { epochs: 40, patience: 3, selectBy: "loss" },
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** The name of settings of `trainSequences`. */
export type SequencePreset = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly SequencePreset[];

/** True if a preset is one of texts, whose state is carried over. */
export const isOfText = (preset: SequencePreset): boolean => (PRESETS[preset] as Preset).carry === true;

/** Settings of the optimizer adam, which make no sense with another one. */
const OF_ADAM: readonly (keyof SequenceOptions)[] = ["learningRate", "betas"];

/** Returns the options with those of their preset where they have none themselves. */
export function withPreset({ preset, ...options }: SequenceOptions): SequenceOptions {
  if (preset === undefined) return options;
  checkOneOf("preset", preset, PRESET_NAMES);
  const { sampled, selected, ...settings }: Preset = PRESETS[preset];
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as SequenceOptions;
  const { encoder = settings.encoder, optimizer = "adam", sampler, heldOut } = given;
  if (encoder !== settings.encoder) {
    throw new RangeError(`"encoder" expected ${settings.encoder}, as preset ${preset} has, got ${encoder}`);
  }
  const own = Object.entries({ ...settings, ...(sampler && sampled), ...(heldOut && selected) });
  const kept = own.filter(([name]) => optimizer === "adam" || !OF_ADAM.includes(name as keyof SequenceOptions));
  return { ...Object.fromEntries(kept), ...given };
}
