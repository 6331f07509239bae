import type { Betas } from "../model/optimizer.ts";
import type { SelectBy } from "../model/select-by.ts";
import type { EncoderName } from "../model/shape.ts";

/** Settings that were measured together, by the names of the options of `trainSequences`. */
export interface Preset {
  readonly encoder: EncoderName;
  readonly dim: number;
  readonly blocks?: number;
  readonly heads?: number;
  readonly length: number;
  readonly carry?: boolean;
  readonly batchSize: number;
  readonly dropout: number;
  readonly learningRate: number;
  readonly betas?: Betas;
  readonly weightDecay?: number;
  readonly epochs: number;
  /** The share of the draws that are by frequency, where the sampler is that of MIDX. */
  readonly unigramShare: number;
  /** The settings of a training with a sampler. */
  readonly sampled: { readonly negatives: number; readonly proposals: number; readonly sharedBy?: number };
  /** The settings of a training with held-out sequences. */
  readonly selected: { readonly epochs: number; readonly patience: number; readonly selectBy: SelectBy };
}

/**
 * The share of MIDX's draws that are by frequency, without a preset. It improves a model if more positions share draws than
 * have their proposals mixed (docs/sequences.md).
 */
export const UNIGRAM_SHARE = 0.5;

const CLICKS = {
  dim: 64,
  dropout: 0.2,
  epochs: 25,
  unigramShare: UNIGRAM_SHARE,
  sampled: { negatives: 256, proposals: 8 },
  selected: { epochs: 100, patience: 10, selectBy: "recall" },
} as const;
const ATTENTION = { ...CLICKS, encoder: "attention", heads: 1, betas: [0.9, 0.98] } as const;

/** The named settings. docs/sequence-results.md says what was measured with them. */
export const PRESETS = {
  "clicks-gru": { ...CLICKS, encoder: "gru", length: 200, batchSize: 32, learningRate: 0.002 },
  "clicks-attention": { ...ATTENTION, blocks: 2, length: 200, batchSize: 32, learningRate: 0.002 },
  "short-clicks-attention": {
    ...ATTENTION,
    blocks: 2,
    dim: 128,
    length: 50,
    batchSize: 128,
    learningRate: 0.001,
    dropout: 0.5,
    weightDecay: 1, // few sequences teach many items: both lower the held-out loss
    unigramShare: 0, // the proposals of nearly all positions of ten are mixed, and so none needs other draws
  },
  "sessions-gru": {
    ...CLICKS,
    encoder: "gru",
    length: 50,
    batchSize: 128,
    dropout: 0.4,
    learningRate: 0.005,
    epochs: 8,
    sampled: { negatives: 1024, proposals: 8, sharedBy: 200 },
  },
  "text-gru": {
    encoder: "gru",
    carry: true,
    dim: 200,
    length: 35,
    batchSize: 20,
    dropout: 0.3,
    learningRate: 0.002,
    epochs: 5,
    unigramShare: UNIGRAM_SHARE,
    sampled: { negatives: 1000, proposals: 8, sharedBy: 70 },
    selected: { epochs: 40, patience: 3, selectBy: "loss" },
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** The name of a preset of `trainSequences`. */
export type SequencePreset = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as readonly SequencePreset[];

/** Returns the share of the draws of MIDX that are by frequency, with a preset or without. */
export const unigramShareOf = (preset: SequencePreset | undefined): number =>
  preset === undefined ? UNIGRAM_SHARE : PRESETS[preset].unigramShare;

/** Returns true if a preset is for texts, whose state is carried over. */
export const isOfText = (preset: SequencePreset): boolean => (PRESETS[preset] as Preset).carry === true;
