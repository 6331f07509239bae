import type { SequencePreset } from "../../src/train/sequences/presets.ts";
import type { SetName } from "./sets.ts";

/**
 * The ways to train. Half of the draws of `midx-half` are by frequency. The model of an averaged one is an average of its weights;
 * `midx-averaged` draws as the preset does. All others have the last weights.
 */
export const SAMPLERS = ["full", "full-averaged", "midx", "midx-half", "midx-averaged", "uniform", "unigram"] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** A training: a preset on a set, with a sampler or with the full softmax. */
export interface Run {
  readonly set: SetName;
  readonly preset: SequencePreset;
  readonly sampler: SamplerName;
  readonly seed: number;
  readonly epochs: number;
}

/** The trainings that are compared on a set. All samplers of a preset have its settings and the same number of epochs. */
export interface Comparison extends Pick<Run, "set" | "preset" | "epochs"> {
  readonly seeds: number;
  /** The epochs of the full softmax, where each takes longer than all of a sampler. Default: as many. */
  readonly epochsOfFull?: number;
}

export const COMPARISONS: readonly Comparison[] = [
  { set: "ml-1m", preset: "clicks-gru", epochs: 25, seeds: 3 },
  { set: "amazon-beauty", preset: "short-clicks-attention", epochs: 25, seeds: 3 },
  { set: "ml-1m", preset: "clicks-attention", epochs: 35, seeds: 3 },
  { set: "amazon-beauty", preset: "clicks-gru", epochs: 25, seeds: 3 },
  { set: "diginetica", preset: "sessions-gru", epochs: 8, epochsOfFull: 1, seeds: 3 },
  { set: "ptb", preset: "text-gru", epochs: 5, seeds: 1 },
  { set: "wikitext-2", preset: "text-gru", epochs: 2, seeds: 1 },
];

/** Returns the runs of a comparison. */
export const runsOf = ({ set, preset, epochs, epochsOfFull = epochs, seeds }: Comparison): Run[] =>
  Array.from({ length: seeds }, (_, seed) =>
    SAMPLERS.map((sampler) => ({
      ...{ set, preset, sampler, seed },
      epochs: sampler === "full" ? epochsOfFull : epochs,
    })),
  ).flat();

/** Returns the name of a run, also of its files. */
export const keyOf = ({ set, preset, sampler, seed, epochs }: Run): string =>
  [set, preset, sampler, `seed${seed}`, `${epochs}epochs`].join("-");
