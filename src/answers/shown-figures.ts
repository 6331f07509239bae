import { DEFAULT_DRAWS } from "./options.ts";

/**
 * Returns the figures of a default answer that drift is about: log Z, the worth of a draw and the share of the head. `choice` is
 * that of the answer.
 */
export const shownFigures = (
  logPartition: number,
  effectiveSampleSize: number,
  headShare: number,
  choice: { readonly draws: number } | undefined,
): readonly number[] => [logPartition, effectiveSampleSize / (choice?.draws || DEFAULT_DRAWS), headShare];
