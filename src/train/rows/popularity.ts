/** The names of the bands, by descending popularity. */
export const BAND_NAMES = ["head", "torso", "tail"] as const;

/** The band of each class and the number of classes of each band. */
export interface Bands {
  /** (itemCount), 0 … BAND_NAMES.length − 1. */
  readonly bandOf: Uint8Array;
  readonly classCounts: readonly number[];
}

/** Head and torso end at these shares of the classes, sorted by popularity. The rest is the tail. */
const HEAD_SHARE = 0.01;
const TORSO_SHARE = 0.1;

/** Sorts classes into bands by descending popularity. Among equals the lower id comes first. */
export function popularityBands(popularity: ArrayLike<number>): Bands {
  const itemCount = popularity.length;
  const headEnd = Math.ceil(HEAD_SHARE * itemCount);
  const torsoEnd = Math.max(headEnd, Math.ceil(TORSO_SHARE * itemCount));
  const bandOf = new Uint8Array(itemCount).fill(2);
  // Numbers sort ten times as fast as ids by their numbers, and a build sorts those of every class.
  const ascending = Float64Array.from(popularity).sort();
  markBest(popularity, ascending, torsoEnd, bandOf, 1);
  markBest(popularity, ascending, headEnd, bandOf, 0);
  return { bandOf, classCounts: [headEnd, torsoEnd - headEnd, itemCount - torsoEnd] };
}

/** Writes the band of the `count` most popular classes. */
function markBest(
  popularity: ArrayLike<number>,
  ascending: Float64Array,
  count: number,
  bandOf: Uint8Array,
  band: number,
): void {
  const least = ascending[ascending.length - count] ?? Number.POSITIVE_INFINITY;
  let atLeast = count;
  for (let id = 0; id < popularity.length; id++) {
    if ((popularity[id] as number) <= least) continue;
    bandOf[id] = band;
    atLeast--;
  }
  for (let id = 0; atLeast > 0; id++) {
    if (popularity[id] !== least) continue;
    bandOf[id] = band;
    atLeast--;
  }
}
