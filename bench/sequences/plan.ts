import type { SequencePreset } from "../../src/train/sequences/presets.ts";
import type { SetName } from "./sets.ts";

/**
 * The ways to train. Half of the draws of `midx-half` are by frequency. The model of an averaged one is an average of its weights;
 * `midx-averaged` draws as the preset does. All others have the last weights.
 */
const SAMPLERS = ["full", "full-averaged", "midx", "midx-half", "midx-averaged", "uniform", "unigram"] as const;
/** Averaged, with four times as many draws as the preset: compared on one set. */
const MORE_DRAWS = "midx-more-averaged";
/** Draws of each position's own take 1.5 to 3 times as long as shared ones, so they are compared on one set. */
const OWN_DRAWS = ["midx-own", "uniform-own"] as const;
/** Variants of MIDX and further baselines are compared on one set. They draw as those of `midx train` with these names. */
export const OTHERS = ["midx-head", "midx-learned", "quadratic", "fourier"] as const;
export const ALL_SAMPLERS = [...SAMPLERS, MORE_DRAWS, ...OWN_DRAWS, ...OTHERS] as const;
export type SamplerName = (typeof ALL_SAMPLERS)[number];

/** A training: a preset on a set, with a sampler or with the full softmax. */
export interface Run {
  readonly set: SetName;
  readonly preset: SequencePreset;
  readonly sampler: SamplerName;
  readonly seed: number;
  /** The most epochs. */
  readonly epochs: number;
  /** Ends the training after this many epochs without a better one. Default: never. */
  readonly patience?: number;
  /** The blocks of attention. Default: those of the preset. */
  readonly blocks?: number;
}

/**
 * The trainings that are compared on a set. All samplers of a preset have its settings, and the same number of epochs if there is
 * no `patience`.
 */
export interface Comparison extends Pick<Run, "set" | "preset" | "epochs" | "patience" | "blocks"> {
  readonly seeds: number;
  /** Default: those that are compared on every set. */
  readonly samplers?: readonly SamplerName[];
  /** The epochs of the full softmax, where each takes longer than all of a sampler. Default: as many. */
  readonly epochsOfFull?: number;
}

/** No setting of the library and no preset was chosen by this set. */
const UNTRIED = {
  set: "ml-100k",
  epochs: 100,
  patience: 10, // as the presets train where an epoch has 100 steps; here, with 30, they would wait for 30 epochs
  seeds: 3,
  samplers: ["full-averaged", "midx-averaged"],
} as const;

export const COMPARISONS: readonly Comparison[] = [
  { set: "ml-1m", preset: "clicks-gru", epochs: 25, seeds: 3, samplers: [...SAMPLERS, ...OTHERS] },
  {
    set: "amazon-beauty",
    preset: "short-clicks-attention",
    blocks: 2,
    epochs: 25,
    seeds: 3,
    samplers: ["full-averaged", "midx-averaged"],
  },
  {
    set: "amazon-beauty",
    preset: "short-clicks-attention",
    blocks: 1, // as the preset had
    epochs: 25,
    seeds: 3,
    samplers: [...SAMPLERS, ...OWN_DRAWS],
  },
  { set: "ml-1m", preset: "clicks-attention", epochs: 35, seeds: 3, samplers: [...SAMPLERS, MORE_DRAWS] },
  {
    set: "ml-1m",
    preset: "clicks-attention",
    epochs: 100,
    patience: 10,
    seeds: 1, // as the preset itself trains
    samplers: ["midx-averaged"],
  },
  { set: "amazon-beauty", preset: "clicks-gru", epochs: 25, seeds: 3 },
  { ...UNTRIED, preset: "clicks-gru" },
  { ...UNTRIED, preset: "clicks-attention" },
  { set: "diginetica", preset: "sessions-gru", epochs: 8, epochsOfFull: 1, seeds: 3 },
  { set: "ptb", preset: "text-gru", epochs: 5, seeds: 1 },
  { set: "wikitext-2", preset: "text-gru", epochs: 2, seeds: 1 },
];

/** Returns the runs of a comparison. */
export const runsOf = (comparison: Comparison): Run[] => {
  const { set, preset, epochs, epochsOfFull = epochs, patience, blocks, seeds } = comparison;
  return Array.from({ length: seeds }, (_, seed) =>
    samplersOf(comparison).map((sampler) => ({
      set,
      preset,
      sampler,
      seed,
      epochs: isFull(sampler) ? epochsOfFull : epochs,
      ...(patience !== undefined && { patience }),
      ...(blocks !== undefined && { blocks }),
    })),
  ).flat();
};

/** Returns the samplers that a comparison compares. */
export const samplersOf = ({ samplers = SAMPLERS }: Pick<Comparison, "samplers">): readonly SamplerName[] => samplers;

/** Returns true if each position has draws of its own. */
export const hasOwnDraws = (sampler: SamplerName): boolean => (OWN_DRAWS as readonly string[]).includes(sampler);

/** Returns how many times as many draws as the preset a sampler makes. */
export const timesOfDraws = (sampler: SamplerName): number => (sampler === MORE_DRAWS ? 4 : 1);

/** The ways to train without draws. */
export type FullName = "full" | "full-averaged";

export const isFull = (sampler: SamplerName): sampler is FullName => sampler === "full" || sampler === "full-averaged";

/** Returns true if two comparisons compare the same trainings. */
export const isSame = (a: Comparison, b: Comparison): boolean =>
  a.set === b.set && a.preset === b.preset && a.patience === b.patience && a.blocks === b.blocks;

/** Returns the name of a run, also of its files. */
export const keyOf = ({ set, preset, sampler, seed, epochs, patience, blocks }: Run): string =>
  [
    ...[set, preset, ...(blocks ? [`blocks${blocks}`] : []), sampler, `seed${seed}`, `${epochs}epochs`],
    ...(patience ? [`patience${patience}`] : []),
  ].join("-");
