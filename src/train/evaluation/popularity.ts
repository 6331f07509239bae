import type { PopularityBand } from "./evaluation.ts";

/** The band of each class and the number of classes of each band. */
export interface Bands {
  /** (itemCount), 0 … BAND_NAMES.length − 1. */
  readonly bandOf: Uint8Array;
  readonly classCounts: readonly number[];
}

export const BAND_NAMES: readonly PopularityBand["name"][] = ["head", "torso", "tail"];

/** Head and torso end at these shares of the classes, sorted by popularity. The rest is the tail. */
const HEAD_SHARE = 0.01;
const TORSO_SHARE = 0.1;

/** Sorts classes into bands by descending popularity. Among equals the lower id comes first. */
export function popularityBands(popularity: ArrayLike<number>): Bands {
  const itemCount = popularity.length;
  const order = Int32Array.from({ length: itemCount }, (_, id) => id).sort(
    (a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b,
  );
  const headEnd = Math.ceil(HEAD_SHARE * itemCount);
  const torsoEnd = Math.max(headEnd, Math.ceil(TORSO_SHARE * itemCount));
  const bandOf = new Uint8Array(itemCount).fill(2);
  for (let rank = 0; rank < torsoEnd; rank++) bandOf[order[rank] as number] = rank < headEnd ? 0 : 1;
  return { bandOf, classCounts: [headEnd, torsoEnd - headEnd, itemCount - torsoEnd] };
}
