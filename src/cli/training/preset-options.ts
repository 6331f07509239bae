import type { EpochReport } from "../../train/model/train-options.ts";
import { completedOptions } from "../../train/sequences/completed-options.ts";
import type { SequenceOptions } from "../../train/sequences/options.ts";
import type { SequencePreset } from "../../train/sequences/presets.ts";
import type { Sequences } from "../../train/sequences/sequences.ts";

/** The options of a training, with its number of epochs, and those of them that its preset has set. */
export interface Resolved {
  readonly options: SequenceOptions;
  /** By the names of the library. Undefined without a preset. */
  readonly fromPreset: Readonly<Record<string, unknown>> | undefined;
}

/** Adds the options of a preset, and the epochs, to those that were given. `before` are the reports of a training that is resumed. */
export function resolvePreset(
  given: SequenceOptions,
  sequences: Sequences,
  preset: SequencePreset | undefined,
  before: readonly EpochReport[] | undefined,
): Resolved {
  const options = completedOptions({ ...given, ...(preset && { preset }) }, sequences, before);
  if (preset === undefined) return { options, fromPreset: undefined };
  const isNew = ([name]: [string, unknown]): boolean => given[name as keyof SequenceOptions] === undefined;
  return { options, fromPreset: Object.fromEntries(Object.entries(options).filter(isNew)) };
}

/** Writes options as on the command line. `carry` has no option there, since the task decides it. */
export const asFlags = (options: Readonly<Record<string, unknown>>): string =>
  Object.entries(options)
    .filter(([name]) => name !== "carry")
    .map(([name, value]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${String(value)}`)
    .join(" ");
